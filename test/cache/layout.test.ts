// Image layouts in directories that users named: what is read of them stays as it is, and errors do not speak of the store.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderError } from "../../cache/folder-error.js";
import { Layout, Store, storeError } from "../../cache/index.js";
import { MediaType, sha256 } from "../../oci/index.js";

const blob = { mediaType: MediaType.layer, digest: sha256("content"), size: 7 };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-layout-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function damaged<L extends Layout>(layout: L): Promise<L> {
  await layout.put(blob, Readable.from([Buffer.from("content")]));
  writeFileSync(layout.blobs.path(blob.digest), "damaged");
  await expect(layout.open(blob).then(text)).rejects.toMatchObject({ code: "digest_mismatch" });
  return layout;
}

test("Layout leaves a damaged blob where it is, says in which directory, and takes the right one", async () => {
  const layout = await damaged(Layout.create(root));
  expect(readFileSync(layout.blobs.path(blob.digest), "utf8")).toBe("damaged");
  await expect(new Layout(root).open(blob).then(text)).rejects.toMatchObject({
    hint: `Copy or write "${root}" again: its file of this digest is damaged.`,
  });
  expect(await layout.has(blob)).toBe(false);
  await layout.put(blob, Readable.from([Buffer.from("content")]));
  expect(await layout.has(blob)).toBe(true);
  expect(await text(await layout.open(blob))).toBe("content");
});

test("Store drops a damaged blob, and says which", async () => {
  const store = await damaged(Store.openAt(root));
  expect(await store.has(blob)).toBe(false);
  expect([...store.damaged]).toEqual([blob.digest]);
  store.close();
});

test("Store.checkReads() drops damaged blobs of those that were read in place, and no others", async () => {
  const store = Store.openAt(root);
  await store.put(blob, Readable.from([Buffer.from("content")]));
  const path = store.fileOf(blob.digest);
  store.checkReads();
  expect(store.damaged.size).toBe(0);
  writeFileSync(path, "damaged");
  store.checkReads();
  expect(store.damaged.size).toBe(0); // nobody has read it since
  store.fileOf(blob.digest);
  store.checkReads();
  expect([...store.damaged]).toEqual([blob.digest]);
  store.close();
});

test("a layout whose index.json is no JSON is no image layout, and no store either", async () => {
  const layout = Layout.create(root);
  writeFileSync(join(root, "index.json"), "{");
  const refused = { code: "bad_manifest", hint: "Name the directory of an OCI image layout, or remove this file." };
  expect(() => layout.names.list()).toThrow(expect.objectContaining(refused));
  const bytes = Buffer.from("{}");
  const manifest = { mediaType: MediaType.manifest, digest: sha256(bytes), size: 2 };
  await expect(layout.putManifest(manifest, bytes, "app")).rejects.toMatchObject(refused);
});

test.each([
  ["EROFS", "output_failed", "Make the directory writable, or name another one."],
  ["EDQUOT", "store_full", "Free space on this filesystem, or name a directory on a larger one."],
])("folderError() says for %s what helps with a directory that a user named", (code, expected, hint) => {
  const error = storeError(Object.assign(new Error(code), { code }), "/out/blobs");
  expect(folderError(error)).toMatchObject({ code: expected, hint, message: (error as Error).message });
});

test("a layout below a file has nothing, and cannot be made", async () => {
  writeFileSync(join(root, "file"), "");
  expect(await new Layout(join(root, "file", "layout")).resolve("latest")).toBeUndefined();
  expect(await new Layout(join(root, "file", "layout")).has(blob)).toBe(false);
  expect(() => Layout.create(join(root, "file", "layout"))).toThrow(expect.objectContaining({ code: "output_failed" }));
});
