// Where a store may be: what is somebody else's is neither written to nor read.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-home-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const notAStore = expect.objectContaining({ code: "not_a_store" });

test("openAt() and isAt() refuse a directory with other files, and leave it as it is", () => {
  mkdirSync(join(root, "layers", "v1", "mine"), { recursive: true });
  expect(() => Store.openAt(root)).toThrow(notAStore);
  expect(() => Store.isAt(root)).toThrow(notAStore);
  expect(readdirSync(root)).toEqual(["layers"]);
});

test("openAt() refuses an image layout that is no store", () => {
  writeFileSync(join(root, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(root, "index.json"), '{"schemaVersion":2,"manifests":[]}');
  expect(() => Store.openAt(root)).toThrow(notAStore);
});

test("openAt() refuses a file, and a directory below a file", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  expect(() => Store.openAt(file)).toThrow(notAStore);
  expect(() => Store.isAt(file)).toThrow(notAStore);
  expect(() => Store.openAt(join(file, "home"))).toThrow(notAStore);
});

test("openAt() takes a directory with what may be there before, and isAt() says that there is no store yet", () => {
  mkdirSync(join(root, "lost+found"));
  writeFileSync(join(root, "gc.json"), '{"policies":[]}');
  expect(Store.isAt(root)).toBe(false);
  Store.openAt(root).close();
  expect(Store.isAt(root)).toBe(true);
});

test("openAt() finishes a store that a killed process began", () => {
  writeFileSync(join(root, "tsbuild-store"), "1\n");
  Store.openAt(root).close();
  expect(readdirSync(root).sort()).toEqual(["blobs", "index.json", "oci-layout", "tsbuild-store", "users"]);
});
