// A layer that is elsewhere is stored, verified and unpacked while it comes, and shown only when all of that went well.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Store } from "../../../cache/index.js";
import { type Layer, LayerAccess } from "../../../executor/layers/index.js";
import { packChanges } from "../../../filesystem/index.js";
import { type Descriptor, MediaType, sha256, Verifier } from "../../../oci/index.js";
import { entriesOf } from "../copy/memory-source.js";

let root: string;
let store: Store;
let gzip: Buffer;
let layer: Layer;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-beside-"));
  store = Store.openAt(root);
  const tar = join(store.scratch(), "tar");
  const content = Buffer.from("0123456789".repeat(200_000));
  const { diffID, content: digest } = await packChanges(entriesOf({ big: "x".repeat(2_000_000), "d/small": "y" }), {
    contentOf: ({ path, size }) => (path === "big" ? content.subarray(0, size) : Buffer.from("y")),
    output: tar,
  });
  gzip = gzipSync(readFileSync(tar));
  const blob = { mediaType: MediaType.layerGzip, digest: sha256(gzip), size: gzip.length };
  const reference = { registry: "reg.example", repository: "app" };
  layer = { diffID, content: digest, blob, origin: { kind: "registry", reference } } as Layer;
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

/** @param bytes what the registry sends for every blob */
function access(bytes: Buffer): { layers: LayerAccess; opened: Descriptor[] } {
  const opened: Descriptor[] = [];
  const open = async (blob: Descriptor) => {
    opened.push(blob);
    const pieces = Array.from({ length: 20 }, (_, part) => {
      const size = Math.ceil(bytes.length / 20);
      return bytes.subarray(part * size, (part + 1) * size);
    });
    const verifier = new Verifier(blob);
    Readable.from(pieces).pipe(verifier);
    return verifier;
  };
  const origin = { has: async () => true, open, put: () => Promise.reject(new Error("is only read")) };
  return { layers: new LayerAccess(store, { openOrigin: async () => origin, willRun: true }), opened };
}

test("it is fetched once, and not read again from the store", async () => {
  const { layers, opened } = access(gzip);
  const read = vi.spyOn(store.blobs, "open");
  const [directory = ""] = await layers.lowerDirectories({ layers: [layer] });
  expect(readFileSync(join(directory, "d/small"), "utf8")).toBe("y");
  expect(opened).toEqual([layer.blob]);
  expect(read).not.toHaveBeenCalled();
  expect(store.blobs.hasSync(layer.blob)).toBe(true);
  expect(store.layerIndex(layer.diffID)?.diffID).toBe(layer.diffID);
});

test("S-206: other bytes with the same files are not believed", async () => {
  const other = gzipSync(Buffer.concat([readFileSync(join(store.scratch(), "tar")), Buffer.alloc(512)]));
  const { layers } = access(other);
  await expect(layers.lowerDirectories({ layers: [layer] })).rejects.toMatchObject({ code: "digest_mismatch" });
  expect(store.blobs.hasSync(layer.blob)).toBe(false);
  expect(store.layerIndex(layer.diffID)).toBeUndefined();
  expect(existsSync(store.paths.layers)).toBe(false);
});

test("bytes after the end of the layer hold up nobody", async () => {
  gzip = Buffer.concat([gzip, gzipSync(Buffer.alloc(0)), Buffer.alloc(3_000_000)]);
  layer = { ...layer, blob: { ...layer.blob, digest: sha256(gzip), size: gzip.length } };
  const { layers } = access(gzip);
  await layers.lowerDirectories({ layers: [layer] }).catch(() => {}); // whether that is a layer is zlib's word
  await layers.fetch(layer);
  expect(store.blobs.hasSync(layer.blob)).toBe(true);
});

test("what is asked for twice at once comes once", async () => {
  const { layers, opened } = access(gzip);
  await Promise.all([
    layers.lowerDirectories({ layers: [layer] }),
    layers.fetch(layer),
    layers.tree({ layers: [layer] }),
  ]);
  expect(opened).toHaveLength(1);
});
