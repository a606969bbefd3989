// What the documents say of the code, held equal to it.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fg from "fast-glob";
import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "../errors.js";

const errors = readFileSync("docs/errors.md", "utf8");
const sections = new Map(
  errors
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
);

test("docs/errors.md has a heading for each code, and no other", () => {
  expect([...sections.keys()].toSorted()).toEqual([...ERROR_CODES].toSorted());
});

test.each([...sections])("docs/errors.md: %s has an example and a fix", (code, section) => {
  expect(section).toContain(`\nerror[${code}]`);
  expect(section).toMatch(/^Fix: [A-Z`].*\.$/m);
});

test("docs/semantics.md has each point once that sources, tests and documents cite", () => {
  const points = readFileSync("docs/semantics.md", "utf8").matchAll(/^- \*\*(S-\d{3})\*\*/gm);
  const known = [...points].map(([, point]) => point!);
  const cited = fg
    .sync("**/*.{ts,md,c,mjs,sh}", { ignore: ["**/node_modules/**", "dist/**"] })
    .flatMap((path) => readFileSync(path, "utf8").match(/\bS-\d{3}\b/g) ?? []);
  expect(known).toEqual([...new Set(known)]);
  expect([...new Set(cited)].filter((point) => !known.includes(point))).toEqual([]);
});

describe("links to files", () => {
  const documents = fg.sync(["*.md", "docs/**/*.md", "*/README.md", "*/*/README.md"], { ignore: ["node_modules/**"] });
  const links = documents.flatMap((path) => {
    const targets = [...readFileSync(path, "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)];
    return targets.map(([, target]) => [path, target!] as const);
  });

  test.each(links)("%s → %s", (path, target) => {
    expect(() => readFileSync(join(dirname(path), target))).not.toThrow("ENOENT");
  });
});
