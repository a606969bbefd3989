// `save` and `load`: images in archives.

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { TsbuildError } from "../errors.js";
import * as images from "../images/index.js";
import { type CommandOptions, withExistingStore, withStore } from "./with-store.js";

/**
 * Writes images into one archive.
 * @param dest a file, which is there whole or not at all, or a stream
 * @throws image_not_found, platform_not_found, blob_not_found, output_failed
 */
export const saveImages = (
  names: readonly string[],
  dest: string | Writable,
  options: CommandOptions & images.SaveOptions = {},
): Promise<void> => withExistingStore(options, (store) => images.saveImages(store, names, dest, options));

/**
 * Takes the images of an archive of `docker save` or of an OCI layout, plain or compressed with gzip, zstd, bzip2 or xz; or of
 * a layout in a directory.
 * @param source a file or a directory, or a stream
 * @throws bad_archive, digest_mismatch, platform_not_found, store_full; source_not_found when there is no such file
 */
export const loadImages = (
  source: string | Readable,
  options: CommandOptions & images.LoadOptions = {},
): Promise<readonly images.LoadedImage[]> =>
  withStore(options, async (store) => {
    if (typeof source !== "string") return images.loadImages(store, source, options);
    const content = await openSource(source);
    return content ? images.loadImages(store, content, options) : images.loadDirectory(store, source, options);
  });

/** Undefined for a directory. @throws source_not_found */
async function openSource(path: string): Promise<Readable | undefined> {
  try {
    const file = await open(path);
    const isDirectory = (await file.stat()).isDirectory();
    if (!isDirectory) return createReadStream(path, { fd: file, highWaterMark: 1 << 20 });
    await file.close();
    return undefined;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TsbuildError("source_not_found", `cannot read "${path}": ${reason}`, {
      cause,
      hint: "Give the path of an archive, or of an image layout, that exists and may be read.",
    });
  }
}
