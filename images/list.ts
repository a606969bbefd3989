// The images of the local store: list, name, remove, look into.

import { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  formatFamiliar,
  formatReference,
  type ImageConfig,
  type Manifest,
  parseReference,
  readImage,
} from "../oci/index.js";
import { suggest } from "../parser/index.js";

export interface StoreOptions {
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
}

export interface ImageSummary {
  /** As docker shows it: `app:1`. */
  readonly name: string;
  readonly descriptor: Descriptor;
  /** The digest of the config. */
  readonly imageId: Digest;
  readonly created?: string;
  /** Bytes of all blobs, as the store has them. */
  readonly size: number;
}

export interface ImageDetails extends ImageSummary {
  readonly config: ImageConfig;
  readonly manifest: Manifest;
}

/** Sorted by name. */
export async function listImages(store: Store): Promise<readonly ImageSummary[]> {
  const images = store.names.list().map(({ name }) => inspectImage(store, name));
  const summaries = (await Promise.all(images)).map(({ config: _, manifest: __, ...summary }) => summary);
  return summaries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws image_not_found */
export async function inspectImage(store: Store, name: string): Promise<ImageDetails> {
  const { reference, descriptor } = find(store, name);
  const image = await readImage(store, descriptor);
  const size = image.manifest.layers.reduce((sum, layer) => sum + layer.size, image.manifest.config.size);
  return {
    name: formatFamiliar(reference),
    descriptor: image.descriptor,
    imageId: image.manifest.config.digest,
    ...(image.config.created !== undefined && { created: image.config.created }),
    size,
    config: image.config,
    manifest: image.manifest,
  };
}

/** @throws image_not_found, bad_reference */
export async function tagImage(store: Store, source: string, target: string): Promise<void> {
  const { descriptor } = find(store, source);
  await store.names.set(formatReference(parseReference(target)), descriptor);
}

/** Removes the name; blobs stay until the store is pruned. @throws image_not_found */
export async function removeImage(store: Store, name: string): Promise<void> {
  const { reference } = find(store, name);
  await store.names.remove(formatReference(reference));
}

/** What a name stands for in the store. @throws image_not_found, with a name that is alike */
export function find(store: Store, name: string) {
  const reference = parseReference(name);
  const descriptor = store.names.get(formatReference(reference));
  if (descriptor) return { reference, descriptor };
  const known = store.names.list().map((image) => formatFamiliar(parseReference(image.name)));
  const alike = suggest(formatFamiliar(reference), known);
  throw new TsbuildError("image_not_found", `no image "${name}" in the store`, {
    hint: alike === undefined ? "List the images with: tsbuild images." : `Did you mean "${alike}"?`,
  });
}
