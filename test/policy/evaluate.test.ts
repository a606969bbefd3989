// Source policies as BuildKit evaluates them (features row 297). The cases are those of its own tests, and what its documents promise.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../policy/evaluate.js";
import { parsePolicy } from "../../policy/read-policy.js";

const ALPINE = "docker-image://docker.io/library/alpine:3";
const BUSYBOX = "docker-image://docker.io/library/busybox:1";
const GOLANG = "docker-image://docker.io/library/golang:1.19";

type Rule = readonly [action: string, identifier: string, to?: string | undefined, matchType?: string];

function policy(file: string, rules: readonly Rule[]) {
  const written = rules.map(([action, identifier, to, matchType = "WILDCARD"]) => ({
    action,
    selector: { identifier, matchType },
    ...(to !== undefined && { updates: { identifier: to } }),
  }));
  return parsePolicy(JSON.stringify({ version: 1, rules: written }), file);
}

/** What `identifier` becomes; `policy:rule` when it is denied. */
function decide(identifier: string, ...policies: readonly (readonly Rule[])[]): string {
  const asked = policies.map((rules, index) => policy(`p${index}`, rules));
  const { source, deniedBy } = evaluate(asked, { identifier, attrs: {} });
  return deniedBy ? `${deniedBy.policy.file}:${deniedBy.number}` : source.identifier;
}

describe("allow and deny", () => {
  test.each<[string, readonly Rule[], string]>([
    ["what no rule matches is allowed", [["DENY", BUSYBOX]], ALPINE],
    ["a rule that matches denies", [["DENY", ALPINE]], "p0:1"],
    [
      "the last rule that matches wins: ALLOW",
      [
        ["DENY", "*"],
        ["ALLOW", ALPINE],
      ],
      ALPINE,
    ],
    [
      "the last rule that matches wins: DENY",
      [
        ["ALLOW", ALPINE],
        ["DENY", "docker-image://*"],
      ],
      "p0:2",
    ],
    ["a wildcard stands for any characters", [["DENY", "docker-image://docker.io/*:3"]], "p0:1"],
    ["a wildcard matches the whole identifier", [["DENY", "docker-image://*:"]], ALPINE],
    ["EXACT has no wildcards", [["DENY", "docker-image://docker.io/library/alpine:3", undefined, "EXACT"]], "p0:1"],
    ["REGEX matches any part", [["DENY", "library/(alpine|busybox)", undefined, "REGEX"]], "p0:1"],
    ["REGEX has Go's flags", [["DENY", "(?i)ALPINE", undefined, "REGEX"]], "p0:1"],
    ["a dot of a wildcard is a dot", [["DENY", "docker-image://docker_io/*"]], ALPINE],
  ])("%s", (_title, rules, expected) => {
    expect(decide(ALPINE, rules)).toBe(expected);
  });

  test("a policy that denies is not overruled by a later one", () => {
    expect(decide(ALPINE, [["DENY", ALPINE]], [["ALLOW", "*"]])).toBe("p0:1");
    expect(decide(ALPINE, [["ALLOW", "*"]], [["DENY", ALPINE]])).toBe("p1:1");
  });
});

describe("convert", () => {
  test.each<[string, string, readonly Rule[], string]>([
    ["takes another", ALPINE, [["CONVERT", ALPINE, BUSYBOX]], BUSYBOX],
    [
      "chains",
      ALPINE,
      [
        ["CONVERT", ALPINE, BUSYBOX],
        ["CONVERT", BUSYBOX, GOLANG],
      ],
      GOLANG,
    ],
    [
      "comes before denials of what was there",
      ALPINE,
      [
        ["CONVERT", ALPINE, BUSYBOX],
        ["DENY", ALPINE],
      ],
      BUSYBOX,
    ],
    [
      "comes before denials above it",
      ALPINE,
      [
        ["DENY", ALPINE],
        ["CONVERT", ALPINE, BUSYBOX],
      ],
      BUSYBOX,
    ],
    [
      "is denied by what it becomes",
      ALPINE,
      [
        ["DENY", BUSYBOX],
        ["CONVERT", ALPINE, BUSYBOX],
      ],
      "p0:1",
    ],
    [
      "to itself is none",
      ALPINE,
      [
        ["CONVERT", ALPINE, ALPINE],
        ["DENY", ALPINE],
      ],
      "p0:2",
    ],
    [
      "puts in what a wildcard found",
      GOLANG,
      [["CONVERT", "docker-image://docker.io/library/golang:*", "docker-image://reg.example/golang:${1}-alpine"]],
      "docker-image://reg.example/golang:1.19-alpine",
    ],
    [
      "puts in what a group found, and leaves the rest",
      GOLANG,
      [["CONVERT", String.raw`docker\.io/(?P<kind>library)/`, "reg.example/$kind/", "REGEX"]],
      "docker-image://reg.example/library/golang:1.19",
    ],
    ["EXACT puts in nothing", ALPINE, [["CONVERT", ALPINE, `${BUSYBOX}$1`, "EXACT"]], `${BUSYBOX}$1`],
    ["$$ is a dollar", ALPINE, [["CONVERT", ALPINE, "https://x/$$1"]], "https://x/$1"],
  ])("%s", (_title, identifier, rules, expected) => {
    expect(decide(identifier, rules)).toBe(expected);
  });

  test("what one policy converts is put to all of them", () => {
    expect(decide(ALPINE, [["DENY", GOLANG]], [["CONVERT", ALPINE, GOLANG]])).toBe("p0:1");
  });

  test("sets attributes, and leaves the identifier", () => {
    const rule = {
      action: "CONVERT",
      selector: { identifier: "https://x.org/*" },
      updates: { attrs: { "http.checksum": "c" } },
    };
    const read = parsePolicy(JSON.stringify({ rules: [rule] }), "p");
    expect(evaluate([read], { identifier: "https://x.org/a", attrs: {} })).toEqual({
      source: { identifier: "https://x.org/a", attrs: { "http.checksum": "c" } },
    });
  });

  test("without end is an error that names the policies", () => {
    const loop = policy("loop.json", [
      ["CONVERT", ALPINE, BUSYBOX],
      ["CONVERT", BUSYBOX, ALPINE],
    ]);
    expect(() => evaluate([loop], { identifier: ALPINE, attrs: {} })).toThrow(
      expect.objectContaining({
        code: "bad_policy",
        message: `rules convert "${ALPINE}" more than 20 times`,
        hint: expect.stringContaining("loop.json"),
      }),
    );
  });
});

describe("constraints", () => {
  test.each([
    ["EQUAL", "a", true],
    ["EQUAL", "b", false],
    ["NOTEQUAL", "a", false],
    ["NOTEQUAL", "b", true],
    ["MATCHES", "^[a-c]$", true],
    ["MATCHES", "^$", false],
  ])("%s %s of a: %s", (condition, value, isMet) => {
    const constraints = [{ condition, key: "http.checksum", value }];
    const rules = [{ action: "DENY", selector: { identifier: "https://*", constraints } }];
    const read = parsePolicy(JSON.stringify({ rules }), "p");
    const { deniedBy } = evaluate([read], { identifier: "https://x/", attrs: { "http.checksum": "a" } });
    expect(deniedBy !== undefined).toBe(isMet);
  });

  test("an attribute that is not there is empty", () => {
    const constraints = [{ condition: "EQUAL", key: "http.checksum", value: "" }];
    const rules = [{ action: "DENY", selector: { identifier: "https://*", constraints } }];
    const read = parsePolicy(JSON.stringify({ rules }), "p");
    expect(evaluate([read], { identifier: "https://x/", attrs: {} }).deniedBy?.number).toBe(1);
  });
});

test("wildcards: whatever stands for the stars matches, and comes back in the update", () => {
  const word = fc.stringMatching(/^[a-z0-9./:_$()+-]{0,12}$/);
  fc.assert(
    fc.property(word, word, (first, second) => {
      const identifier = `https://${first}/!/${second}`;
      const to = decide(identifier, [["CONVERT", "https://*/!/*", "http://$1|${2}"]]);
      expect(to).toBe(`http://${first}|${second}`);
    }),
  );
});
