import fc from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "../../registry-client/challenge.js";

test.each([
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.docker.io/token",
          service: "registry.docker.io",
          scope: "repository:library/alpine:pull,push",
        },
      },
    ],
  ],
  ['Basic realm="tsbuild tests"', [{ scheme: "basic", parameters: { realm: "tsbuild tests" } }]],
  ["BASIC", [{ scheme: "basic", parameters: {} }]],
  [
    'Basic realm="a", Bearer realm="b" , service=c',
    [
      { scheme: "basic", parameters: { realm: "a" } },
      { scheme: "bearer", parameters: { realm: "b", service: "c" } },
    ],
  ],
  ['Bearer Realm = "a \\"b\\" \\\\c"', [{ scheme: "bearer", parameters: { realm: 'a "b" \\c' } }]],
  [
    'Negotiate, Basic realm=""',
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "basic", parameters: { realm: "" } },
    ],
  ],
  ["", []],
  ["=?", []],
])("parseChallenges() reads %j", (header, expected) => {
  expect(parseChallenges([header])).toEqual(expected);
});

test("parseChallenges() ends on any header", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", ",", "=", '"', "\\", "Bearer", "realm"), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 3 }), (headers) => Array.isArray(parseChallenges(headers))),
    { numRuns: 500 },
  );
});
