import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, sha256 } from "../../oci/index.js";

test("canonicalJson() sorts keys by code unit at every depth, and writes no spaces", () => {
  expect(canonicalJson({ b: [1, { z: null, a: "é\n" }], a: true, B: -0, é: 1.5, "\ud83d\ude00": 1e21, "": {} })).toBe(
    '{"":{},"B":0,"a":true,"b":[1,{"a":"é\\n","z":null}],"é":1.5,"\u{1f600}":1e+21}',
  );
});

test("an undefined property is absent", () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test.each([
  undefined,
  Number.NaN,
  Infinity,
  1n,
  new Date(0),
  new Map(),
  Buffer.from("x"),
  () => 1,
  [undefined],
  { a: Symbol("s") },
])("what JSON cannot hold throws: %s", (value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});

test("lists of digests that share their beginning, one after the other in any order, have their own text", () => {
  const digests = ["a", "b", "c"].map((text) => sha256(text));
  const list = fc.array(fc.oneof(fc.constantFrom(...digests), fc.constantFrom("x", 'q"', 1, null)), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(list), (lists) => {
      for (const one of lists) expect(canonicalJson({ root: one })).toBe(JSON.stringify({ root: one }));
    }),
    { numRuns: 300 },
  );
});

test("canonicalJson() does not depend on the order of keys, and loses nothing", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 300 },
  );
});

test("a name half of a surrogate pair stays distinct", () => {
  expect(canonicalJson("\udc80")).toBe('"\\udc80"');
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}
