// Small blobs as a whole: manifests and configs, verified.

import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import type { Descriptor } from "./descriptor.js";
import { type ImageConfig, parseImageConfig } from "./image-config.js";
import { type Manifest, parseIndex, parseManifest } from "./manifest.js";
import { isIndex } from "./media-type.js";
import { hostPlatform, type Platform } from "./platform.js";
import { selectManifest } from "./platform-match.js";
import { LARGEST_JSON } from "./untrusted-json.js";

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** An image of one platform, without its layers. */
export interface Image {
  /** Of the manifest. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/**
 * The bytes of a manifest or config. They are those described.
 * @throws blob_not_found, digest_mismatch, bad_manifest when `blob` says that it is larger than 4 MiB
 */
export async function readBlob(store: BlobStore, blob: Descriptor, options: ReadOptions = {}): Promise<Buffer> {
  if (blob.size > LARGEST_JSON) {
    throw new TsbuildError("bad_manifest", `${blob.digest}: expected at most ${LARGEST_JSON} bytes of JSON, found ${blob.size}`);
  }
  const content: Readable = await store.open(blob, options);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Reads the image that a manifest or index describes.
 * @param options.platform which one of an index. Default: this machine's
 * @throws platform_not_found, bad_manifest, and what `readBlob` throws
 */
export async function readImage(
  store: BlobStore,
  root: Descriptor,
  options: ReadOptions & { readonly platform?: Platform } = {},
): Promise<Image> {
  const descriptor = await descend(store, root, options);
  const manifest = parseManifest(await readBlob(store, descriptor, options));
  const config = parseImageConfig(await readBlob(store, manifest.config, options));
  const [found, expected] = [manifest.layers.length, config.rootfs.diff_ids.length];
  if (found === expected) return { descriptor, manifest, config };
  throw new TsbuildError("bad_manifest", `${descriptor.digest}: expected ${expected} layers, as its config has, found ${found}`);
}

async function descend(store: BlobStore, root: Descriptor, options: ReadOptions & { readonly platform?: Platform }): Promise<Descriptor> {
  let descriptor = root;
  for (let depth = 0; isIndex(descriptor.mediaType); depth++) {
    if (depth === 4) throw new TsbuildError("bad_manifest", `${root.digest}: expected indexes at most 4 deep`);
    const index = parseIndex(await readBlob(store, descriptor, options));
    descriptor = selectManifest(index, options.platform ?? hostPlatform());
  }
  return descriptor;
}
