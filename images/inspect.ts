// All that the store knows of one image.

import type { Store } from "../cache/index.js";
import {
  type Descriptor,
  type Digest,
  formatFamiliar,
  hexOf,
  type ImageConfig,
  type Manifest,
  parseReference,
  readBlob,
} from "../oci/index.js";
import { found, type ImageWord, textOf } from "./find.js";
import { withIntactBlobs } from "./layers.js";
import { chooseImage, describeRoot, idOf, type IndexedManifest } from "./root.js";

export interface ImageDetails {
  /** All names, as docker shows them. */
  readonly names: readonly string[];
  /** By which registries know the image, from pulls and pushes: `app@sha256:…`. */
  readonly registryDigests: readonly string[];
  /** What the names stand for: a manifest, or the index of several platforms. */
  readonly descriptor: Descriptor;
  /** As `images` lists it: the digest of the config, of an index of several images its own. With a platform that image's config. */
  readonly imageId: Digest;
  /** Bytes of all blobs of this platform, as the store has them. */
  readonly size: number;
  /** The manifest of the chosen platform. */
  readonly manifest: Manifest & { readonly descriptor: Descriptor };
  readonly config: ImageConfig;
  /** Of an index: what it lists. Empty for the image of one platform. */
  readonly manifests: readonly IndexedManifest[];
}

export interface PlatformChoice {
  /** Which image of an index. @default this machine's, else the first */
  readonly platform?: string;
}

/** @throws image_not_found, platform_not_found */
export async function inspectImage(
  store: Store,
  word: ImageWord,
  { platform }: PlatformChoice = {},
): Promise<ImageDetails> {
  const { descriptor: root, names } = await found(store, word);
  return withIntactBlobs(textOf(word), async () => {
    const { descriptor, manifest, config } = await chooseImage(store, root, platform);
    const described = await describeRoot(store, root);
    const digests = store.registryDigests.get(hexOf(root.digest)) ?? [];
    return {
      names: names.map(formatFamiliar),
      registryDigests: digests.map((one) => formatFamiliar(parseReference(one))),
      descriptor: root,
      imageId: platform === undefined ? idOf(root, described) : manifest.config.digest,
      size: manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size),
      manifest: { ...manifest, descriptor },
      config,
      manifests: described.manifests,
    };
  });
}

/** The manifest or index as it is stored, byte for byte. @throws image_not_found, platform_not_found */
export async function readManifest(store: Store, word: ImageWord, { platform }: PlatformChoice = {}): Promise<Buffer> {
  const { descriptor } = await found(store, word);
  return withIntactBlobs(textOf(word), async () => {
    if (platform === undefined) return readBlob(store, descriptor);
    return readBlob(store, (await chooseImage(store, descriptor, platform)).descriptor);
  });
}
