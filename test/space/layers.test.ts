// space/layers.ts: which blobs go with a layer.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { hexOf, MediaType, sha256 } from "../../oci/index.js";
import { takeInventory } from "../../space/inventory.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-space-"));
const store = Store.openAt(directory);
afterAll(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

test("a layer that is known from here and from a shared cache has the blobs of both", async () => {
  const [tar, packed] = [Buffer.from("tar"), Buffer.from("packed")];
  const [diffID, digest] = [sha256(tar), sha256(packed)];
  for (const bytes of [tar, packed])
    await store.put({ mediaType: MediaType.layer, digest: sha256(bytes), size: bytes.length }, Readable.from([bytes]));
  const layer = { diffID, content: sha256("content"), size: tar.length, created: "2026-01-01T00:00:00Z" };
  const blob = { mediaType: `${MediaType.layer}+gzip`, digest, size: packed.length };
  store.records.put(hexOf(sha256("one")), { version: 1, inputs: {}, layer, duration: 1 });
  store.records.put(hexOf(sha256("two")), { version: 1, inputs: {}, layer: { ...layer, blob }, duration: 1 });
  const { units } = takeInventory(store, undefined);
  expect(units.map(({ kind }) => kind)).toEqual(["layer"]);
  expect(new Set(units[0]!.parts.blobs)).toEqual(new Set([hexOf(diffID), hexOf(digest)]));
});
