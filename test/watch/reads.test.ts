import { expect, test } from "vitest";
import { ReadFilter } from "../../watch/index.js";

function filter(paths: readonly string[], ignored: readonly string[] = []): ReadFilter {
  const patterns = ignored.map((text, index) => ({ text, line: index + 1 }));
  return new ReadFilter({ directory: "/context", paths, ignore: { patterns } });
}

test.each([
  // The path itself, what is above it, and what is below it.
  [["src"], "src", true],
  [["src"], "src/a/b.ts", true],
  [["src/a"], "src", true],
  [["src/a"], "src/b", false],
  [["src"], "srcs", false],
  // Patterns, name by name (S-077).
  [["*.json"], "package.json", true],
  [["*.json"], "src/package.json", false],
  [["*/package.json"], "app/package.json", true],
  [["*/package.json"], "app", true],
  [["a?c"], "abc/d", true],
  // All of the context.
  [[""], "any/thing", true],
  [[], "any/thing", false],
])("COPY of %j reads %s: %s", (paths, path, reads) => {
  expect(filter(paths).reads(path)).toBe(reads);
});

test("what .dockerignore leaves out is not read, but for its exceptions", () => {
  const read = filter([""], ["node_modules", "docs", "!docs/keep.md"]);
  expect(["node_modules/a", "docs/a.md", "docs/keep.md", "a"].map((path) => read.reads(path))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(["node_modules", "docs", "a"].map((path) => read.mayReadBelow(path))).toEqual([false, true, true]);
});
