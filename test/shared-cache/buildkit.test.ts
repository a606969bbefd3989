// Caches that BuildKit wrote, in each of the forms that it has: told from others by name, never an error of the build.

import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { canonicalJson, type Descriptor, MediaType, sha256 } from "../../oci/index.js";
import { ImageStoreCache } from "../../shared-cache/places/image-store.js";
import { MemoryStore } from "../helpers/memory-store.js";

const CONFIG = "application/vnd.buildkit.cacheconfig.v0";
const store = new MemoryStore();

async function put(value: unknown, mediaType: string): Promise<Descriptor> {
  const bytes = Buffer.from(canonicalJson(value));
  const blob = { mediaType, digest: sha256(bytes), size: bytes.length };
  await store.put(blob, Readable.from([bytes]));
  return blob;
}

/** As a cache under a tag. */
function cacheOf(root: Descriptor): ImageStoreCache {
  const tagged = Object.assign(Object.create(store) as MemoryStore, { resolve: async () => root });
  return new ImageStoreCache({ name: "registry reg.example/app:cache", store: tagged, tag: "cache", scope: "" });
}

const layer = { mediaType: `${MediaType.layer}+gzip`, digest: sha256("layer"), size: 5 };
const manifestOf = (config: Descriptor) => ({
  schemaVersion: 2,
  mediaType: MediaType.manifest,
  config,
  layers: [layer],
});

test.each([
  ["a cache", "an image manifest", async () => put(manifestOf(await put({ layers: [] }, CONFIG)), MediaType.manifest)],
  [
    "a cache",
    "an index, its older form",
    async () => put({ schemaVersion: 2, manifests: [layer, await put({ layers: [] }, CONFIG)] }, MediaType.index),
  ],
  [
    "an inline cache",
    "an image",
    async () => {
      const rootfs = { type: "layers", diff_ids: [sha256("tar")] };
      const config = { architecture: "amd64", os: "linux", rootfs, "moby.buildkit.cache.v0": "W10=" };
      return put(manifestOf(await put(config, MediaType.config)), MediaType.manifest);
    },
  ],
])("%s of BuildKit in %s is told by name", async (what, _, made) => {
  const message = `expected ${what} that tsbuild wrote, found one of BuildKit, whose keys mean other things`;
  await expect(cacheOf(await made()).readIndex({})).rejects.toMatchObject({ code: "bad_manifest", message });
});
