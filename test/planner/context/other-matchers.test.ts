// Why packages that match paths are not used here: for each rule that they read differently, one case.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fg from "fast-glob";
import ignore from "ignore";
import { afterAll, describe, expect, test } from "vitest";
import { IgnoreMatcher, matchPattern, parseIgnore } from "../../../planner/context/index.js";

describe("the package `ignore` has the rules of .gitignore", () => {
  test.each([
    ["patterns without a slash match at any depth", "*.txt", "d/a.txt"],
    ["so do names of directories", "node_modules", "pkg/node_modules/x"],
    ["nothing comes back below an excluded directory", "*\n!src", "src/a"],
    ["nor by a deeper pattern", "*\n!src/**/*.ts", "src/x/b.ts"],
    ["a slash at the end means directories only", "foo/", "foo"],
    ["brackets negate by !", "[!a].txt", "b.txt"],
    ["paths are not cleaned", "a//b", "a/b"],
    ["a comment may be indented", " #foo", "#foo"],
    ["letters match in either case", "A.TXT", "a.txt"],
    ["two stars inside a name are one", "a**b", "axb"],
  ])("%s", (_, text, path) => {
    const moby = new IgnoreMatcher(parseIgnore(text, ".dockerignore")).matches(path);
    expect(ignore().add(text).ignores(path)).toBe(!moby);
  });

  test("bad patterns are silently dropped", () => {
    expect(ignore().add("[").ignores("a")).toBe(false);
    expect(() => parseIgnore("[", ".dockerignore")).toThrow();
  });
});

describe("the package `fast-glob` has the rules of a shell", () => {
  const scratch = mkdtempSync(join(tmpdir(), "tsbuild-glob-"));
  afterAll(() => rmSync(scratch, { recursive: true }));

  test.each([
    ["a star does not match a leading dot", "*", ".env"],
    ["two stars cross directories", "**/*.ts", "d/e/a.ts"],
    ["and match none", "**/*.ts", "a.ts"],
    ["braces list alternatives", "{a,b}.txt", "a.txt"],
    ["brackets negate by !", "[!a].txt", "b.txt"],
    ["parentheses list alternatives", "@(a|b)", "a"],
  ])("%s", (_, pattern, name) => {
    const directory = mkdtempSync(join(scratch, "case-"));
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), "");
    expect(fg.sync(pattern, { cwd: directory }).includes(name)).toBe(!matchPattern(pattern, name));
  });

  test("bad patterns match as they are", () => {
    expect(fg.sync("[", { cwd: scratch })).toEqual([]);
    expect(() => matchPattern("[", "[")).toThrow();
  });
});
