import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  findIgnoreFile,
  IgnoreMatcher,
  parseExcludes,
  parseIgnore,
  readIgnoreFile,
} from "../../../planner/context/index.js";
import { tree } from "../../helpers/tree.js";

const scratch = mkdtempSync(join(tmpdir(), "tsbuild-ignore-"));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("parseIgnore()", () => {
  test("keeps the line of each pattern, and cleans it as moby does (S-180)", () => {
    const text = "\ufeff# comment\r\n\n  /dist/  \r\n # not a comment\n! ./src//a/../b\n\u00a0x\u0085\n";
    expect(parseIgnore(text, ".dockerignore")).toEqual({
      file: ".dockerignore",
      patterns: [
        { text: "dist", line: 3 },
        { text: "# not a comment", line: 4 },
        { text: "!src/b", line: 5 },
        { text: "x", line: 6 },
      ],
    });
  });

  test("reads bytes that are not UTF-8", () => {
    const { patterns } = parseIgnore(Buffer.from([0x61, 0xff, 0x0a]), ".dockerignore");
    expect(patterns).toEqual([{ text: "a\udcff", line: 1 }]);
  });

  test.each([
    ["a\n!\n", '.dockerignore:2: expected a pattern after "!", found nothing'],
    ["!/", '.dockerignore:1: expected a pattern after "!", found nothing'],
    ["a\n\n[b", '.dockerignore:3: expected a pattern, found a syntax error in "[b"'],
    ["x\\", '.dockerignore:1: expected a pattern, found a syntax error in "x\\"'],
    ["src\\Entry", '.dockerignore:1: expected a pattern, found a syntax error in "src\\Entry"'],
    ["[[:letter:]]", '.dockerignore:1: expected a pattern, found a syntax error in "[[:letter:]]"'],
  ])("refuses %j with file and line (S-184, S-187)", (text, message) => {
    expect(() => parseIgnore(text, ".dockerignore")).toThrow(expect.objectContaining({ code: "bad_pattern", message }));
  });

  test("takes any text, or refuses it as a bad pattern", () => {
    const piece = fc.constantFrom(
      "a",
      "d",
      "Q",
      "E",
      "x4",
      "p",
      "L",
      "[",
      "]",
      "[:",
      ":]",
      "^",
      "\\",
      "*",
      "**",
      "?",
      "-",
      "/",
      "!",
      "(",
      "$",
      "é",
      "😀",
      "\udcff",
    );
    const line = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(""));
    const property = fc.property(line, line, (text, path) => {
      try {
        new IgnoreMatcher(parseIgnore(text, ".dockerignore")).matches(path);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_pattern" });
      }
    });
    fc.assert(property, { numRuns: 5000 });
  });

  test("is quick for a line of a million characters", () => {
    const start = process.cpuUsage();
    parseIgnore(`[${"ab".repeat(500_000)}]\n${"\\*a".repeat(300_000)}\n`, ".dockerignore");
    expect(process.cpuUsage(start).user).toBeLessThan(5_000_000);
  });
});

describe("parseExcludes()", () => {
  test("takes patterns as an ignore file does, but knows no comments (S-103)", () => {
    const { file, patterns } = parseExcludes(["#a", "/b/", " ", "!c"], "--exclude");
    expect(file).toBeUndefined();
    expect(patterns.map(({ text }) => text)).toEqual(["#a", "b", "!c"]);
  });

  test("names the flag in its error", () => {
    expect(() => parseExcludes(["["], "--exclude")).toThrow(/^--exclude: expected a pattern/);
  });
});

describe("findIgnoreFile()", () => {
  const context = tree(join(scratch, "context"), {
    ".dockerignore": "a",
    ".containerignore": "b",
    "api.Dockerfile": "",
    "api.Dockerfile.dockerignore": "c",
  });

  test("prefers the file beside the Dockerfile, which replaces the others (S-179)", () => {
    expect(findIgnoreFile(context, join(context, "api.Dockerfile"))).toBe(join(context, "api.Dockerfile.dockerignore"));
    const { file, patterns } = readIgnoreFile(context, join(context, "api.Dockerfile"));
    expect([file, patterns]).toEqual(["api.Dockerfile.dockerignore", [{ text: "c", line: 1 }]]);
  });

  test("looks for .dockerignore at the root of the context", () => {
    expect(findIgnoreFile(context, join(context, "Dockerfile"))).toBe(join(context, ".dockerignore"));
    expect(findIgnoreFile(context)).toBe(join(context, ".dockerignore"));
  });

  test("falls back to .containerignore", () => {
    const other = tree(join(scratch, "other"), { ".containerignore": "b" });
    expect(readIgnoreFile(other)).toEqual({ file: ".containerignore", patterns: [{ text: "b", line: 1 }] });
  });

  test("names a file outside the context by its path", () => {
    const outside = tree(join(scratch, "outside"), { "Dockerfile.dockerignore": "x" });
    expect(readIgnoreFile(context, join(outside, "Dockerfile")).file).toBe(join(outside, "Dockerfile.dockerignore"));
  });

  test("is undefined when there is none, or only a directory of that name", () => {
    const none = tree(join(scratch, "none"), { ".dockerignore": {} });
    expect(findIgnoreFile(none)).toBeUndefined();
    expect(readIgnoreFile(none)).toEqual({ patterns: [] });
  });
});
