// The commands on images of the store, each opening it, doing its work and closing it.

import type { Store } from "../cache/index.js";
import * as images from "../images/index.js";
import type { RegistryOptions } from "../registry-options.js";
import { type CommandOptions, withExistingStore } from "./with-store.js";

export interface PlatformOptions extends CommandOptions {
  /** Which image of an index. @default this machine's, else the first */
  readonly platform?: string;
}

export interface ListOptions extends CommandOptions, images.ListFilters {}

/** Newest first. @throws image_not_found for `before` and `since` */
export const listImages = (options: ListOptions = {}): Promise<readonly images.ImageSummary[]> =>
  withExistingStore(options, (store) => images.listImages(store, options));

export interface LookOptions extends PlatformOptions, RegistryOptions {}

/**
 * @param image a name, a name with a digest, an image ID or the beginning of one; or where it is elsewhere, as `copy` has it:
 * `docker://NAME`, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`
 * @throws image_not_found, platform_not_found, bad_archive, RegistryError
 */
export const inspectImage = (image: string, options: LookOptions = {}): Promise<images.ImageDetails> =>
  looking(options, async (look, store) => images.inspectImage(store, await look(image), options));

/** The manifest or index, byte for byte. @param image as `inspectImage` has it. @throws as `inspectImage` */
export const readManifest = (image: string, options: LookOptions = {}): Promise<Uint8Array> =>
  looking(options, async (look, store) => images.readManifest(store, await look(image), options));

/** @throws image_not_found, bad_reference */
export const tagImage = (source: string, target: string, options: CommandOptions = {}): Promise<void> =>
  withExistingStore(options, (store) => images.tagImage(store, source, target));

/** Takes away a name, or by an ID all names. Blobs stay until the store is pruned. @throws image_not_found, image_in_use */
export const removeImage = (
  image: string,
  options: CommandOptions & images.RemoveOptions = {},
): Promise<images.Removal> => withExistingStore(options, (store) => images.removeImage(store, image, options));

/** Newest first. @param image as `inspectImage` has it. @throws as `inspectImage`; blob_not_found */
export const imageHistory = (image: string, options: LookOptions = {}): Promise<readonly images.HistoryEntry[]> =>
  looking(options, async (look, store) => images.imageHistory(store, await look(image, true), options));

/** What is different in `b`. @param a as `inspectImage` has it. @throws as `inspectImage`; blob_not_found */
export const diffImages = (a: string, b: string, options: LookOptions = {}): Promise<images.ImageDiff> =>
  looking(options, async (look, store) =>
    images.diffImages(store, [await look(a, true), await look(b, true)], options),
  );

type Look = (image: string, layers?: boolean) => Promise<images.ImageWord>;

/** Opens the store for a command that looks into images wherever they are. */
function looking<Value>(options: LookOptions, work: (look: Look, store: Store) => Promise<Value>): Promise<Value> {
  const { platform, signal } = options;
  const choice = { ...(platform !== undefined && { platform }), ...(signal && { signal }) };
  return withExistingStore(options, (store, places) =>
    work((image, layers = false) => images.fetchImage(store, places, image, { ...choice, layers }), store),
  );
}
