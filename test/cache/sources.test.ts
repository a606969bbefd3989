// Files of remote sources in the store.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { sha256 } from "../../oci/index.js";

const KEY = "ab".repeat(32);
let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "tsbuild-sources-"))));
afterEach(() => rmSync(root, { recursive: true }));

function staged(store: Store, content: string): string {
  const directory = mkdtempSync(join(store.scratch(), "tree-"));
  writeFileSync(join(directory, "file"), content);
  return directory;
}

test("a directory is adopted whole; of two builds that fetch the same, one is kept", () => {
  const store = Store.openAt(root);
  expect(store.source(KEY)).toBeUndefined();
  const path = store.adoptSource(staged(store, "first"), KEY);
  expect(store.adoptSource(staged(store, "second"), KEY)).toBe(path);
  expect(store.source(KEY)).toBe(path);
  expect(readFileSync(join(path, "file"), "utf8")).toBe("first");
  expect(readdirSync(store.scratch())).toEqual([]);
  store.close();
});

test("after a power failure young sources are dropped: they are fetched again", () => {
  const store = Store.openAt(root);
  const path = store.adoptSource(staged(store, "x"), KEY);
  store.close();
  const [boot = ""] = readdirSync(join(root, "journal"));
  renameSync(join(root, "journal", boot), join(root, "journal", "another-boot"));
  Store.openAt(root).close();
  expect(existsSync(path)).toBe(false);
});

test("a damaged record of a download counts as none", () => {
  const store = Store.openAt(root);
  const fact = { digest: sha256("x"), size: 1, etag: '"1"' };
  store.downloads.put(KEY, fact);
  expect(store.downloads.get(KEY)).toEqual(fact);
  const path = store.paths.fact("http1", KEY);
  for (const text of [
    '{"digest":"sha256:00","size":1}',
    '{"size":1}',
    "{",
    '{"digest":"' + fact.digest + '","size":1,"etag":5}',
  ]) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    expect(store.downloads.get(KEY)).toBeUndefined();
  }
  store.close();
});
