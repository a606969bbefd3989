// Whoever wrote something wrong is told what to write (CONTRIBUTING.md, rule 6).

import { readFileSync } from "node:fs";
import fg from "fast-glob";
import { expect, test } from "vitest";

/** Of what a user writes: command lines, values, names, files. */
const WRITTEN = ["usage", "bad_value", "bad_reference", "bad_key", "bad_policy", "bad_mount", "bad_context"];

const files = fg.sync("**/*.ts", {
  ignore: ["**/node_modules/**", "bench/**", "dist/**", "examples/**", "fixtures/**", "scripts/**", "test/**"],
});

test(`errors of the codes ${WRITTEN.join(", ")} are made with a hint`, () => {
  const starts = new RegExp(String.raw`new \w+Error\(\s*"(?:${WRITTEN.join("|")})"`, "g");
  const statements = files.flatMap((path) => {
    const text = readFileSync(path, "utf8");
    return [...text.matchAll(starts)].map(({ index }) => `${path}: ${text.slice(index, text.indexOf(";\n", index))}`);
  });
  expect(statements.length).toBeGreaterThan(100);
  expect(statements.filter((statement) => !/\bhint\b/.test(statement))).toEqual([]);
});
