// What a name stands for: the image of one platform, or an index of several.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import { TsbuildError } from "../errors.js";
import {
  type BlobStore,
  type Descriptor,
  type Digest,
  formatPlatform,
  hostPlatform,
  type Image,
  type Index,
  isIndex,
  isManifest,
  matchPlatform,
  parseIndex,
  parseManifest,
  parseAskedPlatform,
  platformOfConfig,
  readBlob,
  readImage,
} from "../oci/index.js";

/** A manifest of an index. */
export interface IndexedManifest {
  readonly descriptor: Descriptor;
  /** `linux/arm64/v8`. Absent for what is no image: an attestation. */
  readonly platform?: string;
  /** Whether the store has the manifest. */
  readonly isHere: boolean;
}

export interface Root {
  /** Empty for the image of one platform. */
  readonly manifests: readonly IndexedManifest[];
  /** Digests of the configs of all images that are here; empty when the manifest is damaged or missing. */
  readonly imageIds: readonly Digest[];
}

/** Damage is not an error here: one broken image must not hide the others. */
export async function describeRoot(store: BlobStore, root: Descriptor): Promise<Root> {
  const manifests = isIndex(root.mediaType) ? await indexedManifests(store, root) : [];
  const images = isIndex(root.mediaType) ? manifests.filter(isRunnable).map(({ descriptor }) => descriptor) : [root];
  const ids = await Promise.all(images.map(async (image) => configDigest(store, image)));
  return { manifests, imageIds: [...new Set(ids.flat())] };
}

/** What users know a root by: the config of its image, or the digest of an index that has not just one. */
export function idOf({ digest, mediaType }: Descriptor, { manifests, imageIds }: Root): Digest {
  const isOne = !isIndex(mediaType) || manifests.filter(isRunnable).length === 1;
  return (isOne ? imageIds[0] : undefined) ?? digest;
}

/**
 * The image of one platform. Of an index without the machine's platform, and none asked for, the first image that is here.
 * @throws platform_not_found; what `readImage` throws
 */
export async function chooseImage(store: BlobStore, root: Descriptor, platform?: string): Promise<Image> {
  const wanted = platform === undefined ? hostPlatform() : parseAskedPlatform(platform);
  if (!isIndex(root.mediaType)) return expectPlatform(await readImage(store, root), platform);
  const here = (await indexedManifests(store, root)).filter((manifest) => isRunnable(manifest) && manifest.isHere);
  const fits = ({ descriptor }: IndexedManifest) =>
    descriptor.platform !== undefined && matchPlatform(wanted, descriptor.platform) !== undefined;
  const first = here[0];
  if (platform !== undefined || !first || here.some(fits)) return readImage(store, root, { platform: wanted });
  return readImage(store, first.descriptor);
}

/** An image of one platform is not another's, when that was asked for. @throws platform_not_found */
export function expectPlatform(image: Image, platform: string | undefined): Image {
  const offered = platformOfConfig(image.config);
  const wanted = platform === undefined ? offered : parseAskedPlatform(platform);
  if (platform === undefined || matchPlatform(wanted, offered) !== undefined) return image;
  throw new TsbuildError(
    "platform_not_found",
    `expected an image for ${formatPlatform(wanted)}, found one for ${formatPlatform(offered)}`,
    { hint: "Leave --platform out, or pull or build the image for that platform." },
  );
}

/** @throws what `readBlob` throws */
export async function indexedManifests(store: BlobStore, root: Descriptor): Promise<readonly IndexedManifest[]> {
  const bytes = await readIfHere(store, root);
  if (!bytes) return [];
  return Promise.all(
    parseIndex(bytes).manifests.map(async (descriptor) => {
      const { platform } = descriptor;
      const isImage = isManifest(descriptor.mediaType) && platform?.os !== "unknown";
      const isHere = await store.has(descriptor);
      return { descriptor, isHere, ...(isImage && { platform: platform ? formatPlatform(platform) : "unknown" }) };
    }),
  );
}

/** Whether it is an image, not an attestation of one. */
export function isRunnable({ platform }: IndexedManifest): boolean {
  return platform !== undefined;
}

async function configDigest(store: BlobStore, manifest: Descriptor): Promise<Digest[]> {
  const bytes = await readIfHere(store, manifest);
  return bytes ? [parseManifest(bytes).config.digest] : [];
}

/** Undefined when the blob is missing, damaged, or no such JSON. */
async function readIfHere(store: BlobStore, blob: Descriptor): Promise<Buffer | undefined> {
  try {
    return await readBlob(store, blob);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that the store lost something, not that something was asked wrong. */
export function isDamage(error: unknown): error is TsbuildError {
  return error instanceof TsbuildError && ["blob_not_found", "digest_mismatch", "bad_manifest"].includes(error.code);
}

/** All descriptors below a root, manifests and their parts, each once. @throws what `readBlob` throws */
export async function blobsOf(store: BlobStore, root: Descriptor): Promise<readonly Descriptor[]> {
  const bytes = await readBlob(store, root);
  if (!isIndex(root.mediaType)) {
    const { config, layers } = parseManifest(bytes);
    return unique([root, config, ...layers]);
  }
  const { manifests }: Index = parseIndex(bytes);
  const here = await Promise.all(manifests.map(async (manifest) => ((await store.has(manifest)) ? [manifest] : [])));
  const below = await Promise.all(here.flat().map((manifest) => blobsOf(store, manifest)));
  return unique([root, ...below.flat()]);
}

/** Whether the store has all blobs of an image, or of the images of an index that are here. */
export async function isWhole(store: BlobStore, root: Descriptor): Promise<boolean> {
  try {
    const there = await Promise.all((await blobsOf(store, root)).map((blob) => store.has(blob)));
    return there.every(Boolean);
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

function unique(blobs: readonly Descriptor[]): Descriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}
