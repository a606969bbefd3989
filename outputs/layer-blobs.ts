// The blob of each layer in the form that an output wants. Compression waits until here, and is kept for the next time.

import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import PQueue from "p-queue";
import { type Store, stagedName, storeError } from "../cache/index.js";
import type { Layer } from "../executor/index.js";
import {
  compressionOf,
  type Compression,
  type Descriptor,
  Digester,
  GZIP_FORMAT,
  gzip,
  hexOf,
  MediaType,
} from "../oci/index.js";

export interface CompressOptions {
  readonly signal?: AbortSignal;
  /** Called when a layer begins to be compressed that was not before. */
  readonly onCompress?: (layer: Layer) => void;
}

/** Layers compressed at the same time; each already uses all cores. */
const AT_ONCE = 2;

/** Descriptors for `layers` in order. Layers of base images stay as they came. */
export async function layerBlobs(
  store: Store,
  layers: readonly Layer[],
  compression: Compression,
  options: CompressOptions = {},
): Promise<Descriptor[]> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const jobs = new Map<string, Promise<Descriptor>>();
  const blobOf = (layer: Layer): Promise<Descriptor> => {
    const known = jobs.get(layer.diffID);
    if (known) return known;
    const job = queue.add(() => compressed(store, layer, options));
    jobs.set(layer.diffID, job);
    return job;
  };
  return Promise.all(
    layers.map((layer) => (compression === "none" || isCompressed(layer) ? layer.blob : blobOf(layer))),
  );
}

function isCompressed(layer: Layer): boolean {
  return compressionOf(layer.blob.mediaType) !== "none";
}

/** The gzip twin of an uncompressed layer: one that was made before, else a new one. */
async function compressed(store: Store, layer: Layer, options: CompressOptions): Promise<Descriptor> {
  const key = `${hexOf(layer.diffID)}-${GZIP_FORMAT}`;
  const known = store.compressed.get(key);
  if (known && store.blobs.hasSync(known)) return known;
  options.onCompress?.(layer);
  const blob = await compress(store, layer, options);
  store.compressed.put(key, blob);
  return blob;
}

async function compress(store: Store, layer: Layer, { signal }: CompressOptions): Promise<Descriptor> {
  const staged = stagedName(join(store.scratch(), "gzip"));
  const digester = new Digester();
  try {
    const tar = createReadStream(store.blobs.path(layer.blob.digest), { highWaterMark: 1 << 20 });
    await pipeline(
      tar,
      gzip,
      digester,
      createWriteStream(staged, { flags: "wx", mode: 0o644 }),
      signal ? { signal } : {},
    );
    store.blobs.adopt(staged, digester.digest);
    return { mediaType: MediaType.layerGzip, digest: digester.digest, size: digester.size };
  } catch (error) {
    throw storeError(error, staged);
  } finally {
    rmSync(staged, { force: true });
  }
}
