// Reads what an image says of itself: manifest and config; from any place that holds images.

import { TsbuildError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import type { Descriptor } from "./descriptor.js";
import { type ImageConfig, parseImageConfig } from "./image-config.js";
import { type Manifest, parseIndex, parseManifest } from "./manifest.js";
import { isIndex, MediaType } from "./media-type.js";
import { hostPlatform, type Platform } from "./platform.js";
import { selectManifest } from "./platform-match.js";
import { readBlob, type ReadOptions } from "./read.js";

/** An image of one platform, without its layers. */
export interface Image {
  /** Of the manifest. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

export interface ReadImageOptions extends ReadOptions {
  /** Which image of an index. @default this machine's */
  readonly platform?: Platform;
}

/** Indexes in indexes; more is a loop or a joke. */
const MAX_DEPTH = 4;

/** @throws platform_not_found, bad_manifest, and what `readBlob` throws */
export async function readImage(store: BlobStore, root: Descriptor, options: ReadImageOptions = {}): Promise<Image> {
  const descriptor = await descend(store, root, options);
  const manifest = parseManifest(await readBlob(store, descriptor, options));
  expectImage(descriptor, manifest);
  const config = parseImageConfig(await readBlob(store, manifest.config, options));
  const [found, expected] = [manifest.layers.length, config.rootfs.diff_ids.length];
  if (found === expected) return { descriptor, manifest, config };
  throw new TsbuildError(
    "bad_manifest",
    `${descriptor.digest}: expected ${expected} layers, as its config has, found ${found}`,
  );
}

/** Of configs; the last one is of images from before there were types. */
const CONFIG_TYPES: readonly string[] = [MediaType.config, MediaType.dockerConfig, "application/octet-stream"];

/** @throws bad_manifest for a manifest of something else, such as a chart */
function expectImage({ digest }: Descriptor, { config, artifactType }: Manifest): void {
  if (CONFIG_TYPES.includes(config.mediaType)) return;
  const type = artifactType ?? config.mediaType;
  throw new TsbuildError("bad_manifest", `${digest} is an artifact of type ${type}, not an image`, {
    hint: "Name an image; tsbuild copy moves artifacts as they are.",
  });
}

async function descend(store: BlobStore, root: Descriptor, options: ReadImageOptions): Promise<Descriptor> {
  let descriptor = root;
  for (let depth = 0; isIndex(descriptor.mediaType); depth++) {
    if (depth === MAX_DEPTH)
      throw new TsbuildError("bad_manifest", `${root.digest}: expected indexes at most ${MAX_DEPTH} deep`);
    const index = parseIndex(await readBlob(store, descriptor, options));
    descriptor = selectManifest(index, options.platform ?? hostPlatform());
  }
  return descriptor;
}
