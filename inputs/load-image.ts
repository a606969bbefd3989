// Reads what an image says of itself: manifest, config, layers; from any place that holds images.

import { TsbuildError } from "../errors.js";
import {
  type BlobStore,
  type Descriptor,
  type ImageConfig,
  isIndex,
  type Manifest,
  parseImageConfig,
  parseIndex,
  parseManifest,
  type Platform,
  readBlob,
  selectManifest,
} from "../oci/index.js";

export interface LoadedImage {
  /** The manifest of the platform, not the index. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/** @throws platform_not_found, bad_manifest, digest_mismatch, blob_not_found */
export async function loadImage(source: BlobStore, root: Descriptor, platform: Platform, name: string): Promise<LoadedImage> {
  const descriptor = isIndex(root.mediaType) ? await choose(source, root, platform, name) : root;
  const manifest = parseManifest(await readBlob(source, descriptor));
  const config = parseImageConfig(await readBlob(source, manifest.config));
  if (manifest.layers.length !== config.rootfs.diff_ids.length) {
    throw new TsbuildError("bad_manifest", `image "${name}" has ${manifest.layers.length} layers, its config ${config.rootfs.diff_ids.length}`);
  }
  return { descriptor, manifest, config };
}

async function choose(source: BlobStore, root: Descriptor, platform: Platform, name: string): Promise<Descriptor> {
  const index = parseIndex(await readBlob(source, root));
  const chosen = selectManifest(index, platform, name);
  return isIndex(chosen.mediaType) ? choose(source, chosen, platform, name) : chosen;
}
