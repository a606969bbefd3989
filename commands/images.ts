// The commands on images of the store, each opening it, doing its work and closing it.

import * as images from "../images/index.js";
import { type CommandOptions, withExistingStore } from "./with-store.js";

export interface PlatformOptions extends CommandOptions {
  /** Which image of an index. @default this machine's, else the first */
  readonly platform?: string;
}

export interface ListOptions extends CommandOptions, images.ListFilters {}

/** Newest first. @throws image_not_found for `before` and `since` */
export const listImages = (options: ListOptions = {}): Promise<readonly images.ImageSummary[]> =>
  withExistingStore(options, (store) => images.listImages(store, options));

/** @param image a name, a name with a digest, an image ID or the beginning of one. @throws image_not_found, platform_not_found */
export const inspectImage = (image: string, options: PlatformOptions = {}): Promise<images.ImageDetails> =>
  withExistingStore(options, (store) => images.inspectImage(store, image, options));

/** The manifest or index, byte for byte. @throws image_not_found, platform_not_found */
export const readManifest = (image: string, options: PlatformOptions = {}): Promise<Uint8Array> =>
  withExistingStore(options, (store) => images.readManifest(store, image, options));

/** @throws image_not_found, bad_reference */
export const tagImage = (source: string, target: string, options: CommandOptions = {}): Promise<void> =>
  withExistingStore(options, (store) => images.tagImage(store, source, target));

/** Takes away a name, or by an ID all names. Blobs stay until the store is pruned. @throws image_not_found, image_in_use */
export const removeImage = (
  image: string,
  options: CommandOptions & images.RemoveOptions = {},
): Promise<images.Removal> => withExistingStore(options, (store) => images.removeImage(store, image, options));

/** Newest first. @throws image_not_found, platform_not_found, blob_not_found */
export const imageHistory = (image: string, options: PlatformOptions = {}): Promise<readonly images.HistoryEntry[]> =>
  withExistingStore(options, (store) => images.imageHistory(store, image, options));

/** What is different in `b`. @throws image_not_found, platform_not_found, blob_not_found */
export const diffImages = (a: string, b: string, options: PlatformOptions = {}): Promise<images.ImageDiff> =>
  withExistingStore(options, (store) => images.diffImages(store, [a, b], options));
