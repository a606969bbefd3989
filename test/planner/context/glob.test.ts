import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, hasWildcard, matchPattern, splitPattern } from "../../../planner/context/index.js";
import { vectors } from "./vectors.js";

const badPattern = expect.objectContaining({ code: "bad_pattern" });

describe("matchPattern()", () => {
  test.each(vectors.copyGlob)("agrees with Go (S-082): $pattern", ({ pattern, match, error }) => {
    if (error) expect(() => matchPattern(pattern, "x")).toThrow(badPattern);
    for (const [name, verdict] of Object.entries(match ?? {})) {
      expect([name, matchPattern(pattern, name)]).toEqual([name, verdict]);
    }
  });

  test.each([
    ["a*b*c", "a1b2bc", true],
    ["*a", "aba", true],
    ["*/b", "a/b", true],
    ["a*/b", "a/c/b", false],
    ["", "", true],
    ["", "a", false],
    ["a*", "a", true],
    ["*?", "", false],
    ["[\\]]", "]", true],
    ["[\\-x]", "-", true],
    ["\\a", "a", true],
    ["é?", "éé", true],
    ["[à-ü]", "é", true],
    ["[😀-😃]", "😂", true],
    // Go skips bytes, not characters, after a star: the last two bytes of 日 are two characters to it.
    ["*??", "日", true],
    ["??", "日", false],
    // A byte that is not UTF-8 is one character.
    ["a?", "a\udcff", true],
    ["a\udcff", "a\udcff", true],
  ])("matches as Go does: %j, %j → %j", (pattern, name, verdict) => {
    expect(matchPattern(pattern, name)).toBe(verdict);
  });

  test.each(["[", "[a", "[]", "[^]", "[a-]", "[-a]", "a\\", "[\\", "[a-b-]", "[a-c-e]", "x*[", "*[]a]", "[\udcff]"])(
    "refuses %j whatever the name is (S-187)",
    (pattern) => {
      for (const name of ["", "a", "zzz"]) expect(() => matchPattern(pattern, name)).toThrow(badPattern);
    },
  );

  test("names the pattern and the way out", () => {
    expect(() => compilePattern("src/[a")).toThrow(
      expect.objectContaining({
        message: 'expected a pattern, found a syntax error in "src/[a"',
        hint: 'Close each "[" with "]", and put "\\" before a character that is meant as it is.',
      }),
    );
  });

  test("matches every name against its own escaped spelling, and no other", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "*", "?", "[", "]", "\\", "^", "-", "é", "/", "😀") });
    const escape = (text: string) => text.replaceAll(/[*?[\]\\]/g, "\\$&");
    fc.assert(fc.property(name, name, (a, b) => matchPattern(escape(a), b) === (a === b)));
  });
});

describe("hasWildcard()", () => {
  test.each([
    ["a.txt", false],
    ["a*", true],
    ["a?b", true],
    ["[a]", true],
    ["a\\*", false],
    ["a\\\\*", true],
    ["a]", false],
    ["a\\", false],
  ])("%j → %j", (text, verdict) => {
    expect(hasWildcard(text)).toBe(verdict);
  });
});

describe("splitPattern()", () => {
  test.each([
    ["src/*.ts", "src", "*.ts"],
    ["*.ts", "", "*.ts"],
    ["/*.ts", "/", "*.ts"],
    ["/a/b*/c", "/a", "b*/c"],
    ["a\\*/b?/c", "a\\*", "b?/c"],
    ["./a//b/[c]", "a/b", "[c]"],
    ["a/b", "a/b", ""],
    ["/", "/", ""],
  ])("%j → %j and %j", (source, directory, pattern) => {
    expect(splitPattern(source)).toEqual({ directory, pattern });
  });
});
