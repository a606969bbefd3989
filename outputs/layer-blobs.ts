// The blob of each layer in the form that an output wants. Compression waits until here, and is kept for the next time.

import { createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import PQueue from "p-queue";
import { type Store, stagedName, storeError } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { Layer } from "../executor/index.js";
import {
  type BlobStore,
  compress,
  type CompressedForm,
  type Compression,
  compressionOf,
  decompress,
  type Descriptor,
  type Dialect,
  Digester,
  hexOf,
  layerType,
  nameOfForm,
} from "../oci/index.js";

export interface BlobForm extends CompressedForm {
  /** Whether layers that came compressed otherwise are compressed anew. @default false */
  readonly force?: boolean;
  /** Whose names for media types the manifest uses. A layer that has none there is compressed anew. */
  readonly dialect: Dialect;
}

export interface CompressOptions {
  /** Where blobs are that the store has not. */
  readonly source: BlobStore;
  readonly signal?: AbortSignal;
  /** Called when a layer begins to be compressed that was not before. */
  readonly onCompress?: (layer: Layer) => void;
}

/** Layers compressed at the same time; each already uses all cores. */
const AT_ONCE = 2;

/**
 * Descriptors for `layers` in order. Layers that came compressed stay as they came, unless `form` forces or has no name for
 * them; then they are compressed anew.
 * @throws digest_mismatch when a blob does not unpack to its diffID; unsupported (zstd)
 */
export async function layerBlobs(
  store: Store,
  layers: readonly Layer[],
  form: BlobForm,
  options: CompressOptions,
): Promise<Descriptor[]> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const jobs = new Map<string, Promise<Descriptor>>();
  const blobOf = (layer: Layer): Promise<Descriptor> => {
    const known = jobs.get(layer.diffID);
    if (known) return known;
    const job = queue.add(() => inForm(store, layer, form, options));
    jobs.set(layer.diffID, job);
    return job;
  };
  return Promise.all(
    layers.map((layer) => {
      const own = compressionIn(layer);
      return staysAsItIs(own, form) ? named(layer.blob, own, form.dialect) : blobOf(layer);
    }),
  );
}

function staysAsItIs(own: Compression | undefined, { compression, force, dialect }: BlobForm): own is Compression {
  if (own === undefined || layerType(own, dialect) === undefined) return false;
  return own === compression ? !force || own === "none" : own !== "none" && !force;
}

/** How the blob of a layer is compressed; undefined when its media type says that it is not, and it is. */
export function compressionIn({ blob, diffID }: Layer): Compression | undefined {
  if (blob.digest === diffID) return "none";
  const said = compressionOf(blob.mediaType);
  return said === "none" ? undefined : said;
}

/** One manifest has media types of one kind (S-175). Annotations of a base's layer, such as estargz's, stay. */
function named(blob: Descriptor, compression: Compression, dialect: Dialect): Descriptor {
  return { ...blob, mediaType: layerType(compression, dialect) ?? blob.mediaType };
}

/** The twin of a layer in another form: one that was made before, else a new one. */
async function inForm(store: Store, layer: Layer, form: BlobForm, options: CompressOptions): Promise<Descriptor> {
  const compression = possible(form);
  const key = `${hexOf(layer.diffID)}-${nameOfForm({ ...form, compression })}`;
  const known = store.compressed.get(key);
  if (known && store.blobs.hasSync(known)) return named(known, compression, form.dialect);
  options.onCompress?.(layer);
  const written = await recompress(store, layer, { ...form, compression }, options);
  const blob = { mediaType: layerType(compression, "oci")!, ...written };
  store.compressed.put(key, blob);
  return named(blob, compression, form.dialect);
}

/** What has no name in the dialect becomes gzip. */
function possible({ compression, dialect }: BlobForm): Compression {
  return layerType(compression, dialect) === undefined ? "gzip" : compression;
}

async function recompress(
  store: Store,
  layer: Layer,
  form: BlobForm,
  { source, signal }: CompressOptions,
): Promise<Pick<Descriptor, "digest" | "size">> {
  const staged = stagedName(join(store.scratch(), "blob"));
  const digester = new Digester();
  const aborting = signal ? { signal } : {};
  try {
    const tar = await openTar(layer, source);
    await pipeline(compress(tar, form), digester, createWriteStream(staged, { flags: "wx", mode: 0o644 }), aborting);
    store.blobs.adopt(staged, digester.digest);
    return { digest: digester.digest, size: digester.size };
  } catch (error) {
    throw storeError(error, staged);
  } finally {
    rmSync(staged, { force: true });
  }
}

/** The uncompressed tar, which is what the image config says that it is. @throws digest_mismatch at its end */
export async function openTar({ blob, diffID }: Layer, source: BlobStore): Promise<AsyncIterable<Uint8Array>> {
  const content = await source.open(blob);
  if (blob.digest === diffID) return content;
  return verified(decompress(content, blob), { blob, diffID });
}

async function* verified(
  tar: AsyncIterable<Uint8Array>,
  { blob, diffID }: Pick<Layer, "blob" | "diffID">,
): AsyncGenerator<Uint8Array> {
  const digester = new Digester();
  for await (const chunk of tar) {
    digester.update(chunk);
    yield chunk;
  }
  if (digester.digest === diffID) return;
  throw new TsbuildError(
    "digest_mismatch",
    `layer ${blob.digest}: expected diffID ${diffID}, unpacked ${digester.digest}`,
  );
}
