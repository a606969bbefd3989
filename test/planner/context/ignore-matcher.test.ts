import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IgnoreMatcher, parseIgnore } from "../../../planner/context/index.js";
import { vectors } from "./vectors.js";

const matcherOf = (...lines: readonly string[]) => new IgnoreMatcher(parseIgnore(lines.join("\n"), ".dockerignore"));

describe.each(["dockerignore", "dockerignoreRandom"] as const)("moby's verdicts: %s", (list) => {
  test.each(vectors[list])("$file", ({ file, patterns, excluded, error }) => {
    if (error) {
      expect(() => parseIgnore(file, ".dockerignore")).toThrow(expect.objectContaining({ code: "bad_pattern" }));
      return;
    }
    const rules = parseIgnore(file, ".dockerignore");
    const matcher = new IgnoreMatcher(rules);
    expect(rules.patterns.map(({ text }) => text)).toEqual(patterns ?? []);
    for (const [path, verdict] of Object.entries(excluded!)) {
      expect([path, matcher.matches(path)]).toEqual([path, verdict]);
    }
  });
});

describe("IgnoreMatcher", () => {
  test("carries a verdict on a parent down, and asks skipped patterns of no parent (S-182)", () => {
    expect(matcherOf("**/[ab]", "!a*", "!*", "!a.js/ab/ab").matches(".a/b")).toBe(true);
  });

  // moby turns patterns into Go's regular expressions, and some mean more there than in a file pattern.
  test.each([
    ["\\d", "5", true],
    ["\\d", "d", false],
    ["[[:alpha:]]", "q", true],
    ["[[:^alpha:]]", "q", false],
    ["[^\\d]x", "ax", true],
    ["[^\\d]x", "1x", false],
    ["[\\W]", "-", true],
    ["[\\x41-C]", "B", true],
    ["\\pL", "é", true],
    ["\\PL", "é", false],
    ["a[*]b", "a]b", true],
    ["a[*]b", "a*b", false],
    ["\\Qa*", "a[^/]*$", true],
    ["a\\b*", "a", true],
    ["a\\b*", "ab", false],
    ["^a*", "ab", true],
    ["[^x]", "/", true],
    ["?", "😀", true],
    ["?", "\udcff", true],
    ["a**", "ab/c", true],
    ["a\\.b", "a.b", true],
    ["\\0101", "A1", false],
    ["\\101", "A", true],
    ["\\s", "\u2028", false],
  ])("reads %j as moby does: %j → %j", (pattern, path, verdict) => {
    expect(matcherOf(pattern).matches(path)).toBe(verdict);
  });

  test("is linear for rows of **", () => {
    const matcher = matcherOf(`${"**/".repeat(50)}x*`);
    expect(matcher.matches("a/".repeat(500) + "b")).toBe(false);
  });

  test("names the deciding line", () => {
    const matcher = matcherOf("# build output", "dist", "!dist/keep", "*.log");
    expect(matcher.decide("dist/a")).toEqual({ excluded: true, line: 2, pattern: "dist" });
    expect(matcher.decide("dist/keep/b")).toEqual({ excluded: false, line: 3, pattern: "!dist/keep" });
    expect(matcher.decide("src")).toEqual({ excluded: false });
    expect(matcher.decide("a.log")).toEqual({ excluded: true, line: 4, pattern: "*.log" });
  });

  test.each([
    [["node_modules"], "node_modules", true],
    [["node_modules", "!README.md"], "node_modules", true],
    [["node_modules", "!node_modules/keep"], "node_modules", false],
    [["node_modules", "!node_modules/keep"], "node_modules/other", true],
    [["*", "!src/**/*.ts"], "lib", true],
    [["*", "!src/**/*.ts"], "src", false],
    [["*", "!src/**/*.ts"], "src/deep/er", false],
    [["*", "!*/Dockerfile"], "a", false],
    [["*", "!*/Dockerfile"], "a/b", true],
    [["*", "!**/x"], "a", false],
    [["a", "!a/b", "a/b/c"], "a/b/c", true],
    [["a", "!a[/]b"], "a", false],
    [["*", "!foo/**"], "fo", true],
    [["a"], "b", false],
  ] as const)("%j: a walk may skip %j → %j (S-183)", (lines, directory, verdict) => {
    expect(matcherOf(...lines).canPrune(directory)).toBe(verdict);
  });

  test("has nothing below a directory that may be skipped (S-183)", () => {
    const name = fc.constantFrom("a", "b", "ab", ".a", "a.js");
    const part = fc.constantFrom(
      "a",
      "b",
      "ab",
      ".a",
      "*",
      "**",
      "?",
      "[ab]",
      "[^a]",
      "a*",
      "**a",
      "a**",
      "[^/]b",
      "\\a",
    );
    const pattern = fc.tuple(fc.constantFrom("", "!", "!"), fc.array(part, { minLength: 1, maxLength: 4 }));
    const lines = fc.array(pattern, { minLength: 1, maxLength: 6 });
    const path = fc.array(name, { minLength: 2, maxLength: 5 });
    const property = fc.property(lines, fc.array(path, { minLength: 5, maxLength: 5 }), (patterns, paths) => {
      const matcher = matcherOf(...patterns.map(([negated, parts]) => negated + parts.join("/")));
      for (const names of paths) {
        const parents = names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join("/"));
        if (parents.some((parent) => matcher.canPrune(parent))) expect(matcher.matches(names.join("/"))).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
