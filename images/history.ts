// How an image came about: its instructions, and what each added.
// https://docs.docker.com/reference/cli/docker/image/history/

import type { Store } from "../cache/index.js";
import type { Digest } from "../oci/index.js";
import { found, type ImageWord, textOf } from "./find.js";
import type { PlatformChoice } from "./inspect.js";
import { type Cancelable, readFiles, withIntactBlobs } from "./layers.js";
import { chooseImage } from "./root.js";

export interface HistoryEntry {
  /** The ID of the image, of its newest instruction only. */
  readonly imageId?: Digest;
  /** RFC 3339. */
  readonly created?: string;
  /** The instruction, as the image has it: `RUN /bin/sh -c make # buildkit`. */
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the files that the instruction added or changed. 0 when it made no layer. */
  readonly size: number;
  /** Absent when it made no layer. */
  readonly layer?: { readonly diffID: Digest; readonly digest: Digest; readonly blobSize: number };
}

/** Newest first. @throws image_not_found, platform_not_found, blob_not_found */
export async function imageHistory(
  store: Store,
  word: ImageWord,
  { platform, ...options }: PlatformChoice & Cancelable = {},
): Promise<readonly HistoryEntry[]> {
  const { descriptor } = await found(store, word);
  return withIntactBlobs(textOf(word), async () => {
    const image = await chooseImage(store, descriptor, platform);
    const { layers } = await readFiles(store, image, options);
    const rows = layers.map(({ blob, index }) => ({
      layer: { diffID: index.diffID, digest: blob.digest, blobSize: blob.size },
      size: index.changes.reduce((sum, change) => sum + ("hardlink" in change ? 0 : sizeOf(change)), 0),
    }));
    const said = image.config.history.map(
      ({ created, created_by: createdBy = "", comment = "", empty_layer: empty }) => ({
        ...(created !== undefined && { created }),
        createdBy,
        comment,
        ...(empty ? { size: 0 } : (rows.shift() ?? { size: 0 })),
      }),
    );
    const unsaid = rows.map((row) => ({ createdBy: "", comment: "", ...row }));
    return [...said, ...unsaid].reverse().map((entry, position) => ({
      ...(position === 0 && { imageId: image.manifest.config.digest }),
      ...entry,
    }));
  });
}

function sizeOf(change: object): number {
  return (change as { readonly size?: number }).size ?? 0;
}
