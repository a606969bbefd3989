// docs/formats.md is the specification of what tsbuild writes: its worked example is computed here again.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cacheKey } from "../executor/key.js";

const text = readFileSync(new URL("../docs/formats.md", import.meta.url), "utf8");

test("docs/formats.md: the cache key of the worked example", () => {
  const [, json = ""] = /```json\n(\{"args".*\})\n```/.exec(text)!;
  const [, key] = /has the key `(k1:[^`]*)`/.exec(text)!;
  expect(cacheKey(JSON.parse(json))).toBe(key);
});

test("cacheKey() does not depend on the order of fields, and on nothing that is absent", () => {
  expect(cacheKey({ b: [1, { d: 1, c: 2 }], a: "x" })).toBe(cacheKey({ a: "x", b: [1, { c: 2, d: 1 }], e: undefined }));
  expect(cacheKey({ a: ["x", "y"] })).not.toBe(cacheKey({ a: ["y", "x"] }));
});
