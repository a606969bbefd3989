// Save: images of the store into one archive.
// https://docs.docker.com/reference/cli/docker/image/save/

import type { Writable } from "node:stream";
import { writeArchive } from "../../archives/index.js";
import type { Store } from "../../cache/index.js";
import { formatFamiliar, formatReference, parseReference, type Reference } from "../../oci/index.js";
import { findImage, type FoundImage } from "../find.js";
import { withIntactBlobs } from "../layers.js";
import { chooseImage } from "../root.js";
import { dockerEntries } from "./save-docker.js";
import { ociEntries } from "./save-oci.js";

export interface SaveOptions {
  /** `docker`: for `docker load`, one platform of each image. `oci`: an image layout, all platforms. @default docker */
  readonly format?: "docker" | "oci";
  /** Which image of an index. @default for docker this machine's, for oci all */
  readonly platform?: string;
  readonly signal?: AbortSignal;
}

/** An image that is saved, under the name that it was asked for by. */
export interface SavedRoot extends FoundImage {
  readonly word: string;
}

/**
 * A repository without a tag means all its tags, as for docker.
 * @param dest a file, which is there whole or not at all, or a stream
 * @throws image_not_found, platform_not_found, blob_not_found, output_failed
 */
export async function saveImages(
  store: Store,
  words: readonly string[],
  dest: string | Writable,
  { format = "docker", platform, signal }: SaveOptions = {},
): Promise<void> {
  const roots = await Promise.all(
    words.flatMap((word) => expand(store, word)).map((word) => find(store, word, platform)),
  );
  const entries = format === "docker" ? dockerEntries(store, roots, platform) : ociEntries(store, roots);
  await withIntactBlobs(words.join(", "), () => writeArchive(entries, dest, signal));
}

async function find(store: Store, word: string, platform: string | undefined): Promise<SavedRoot> {
  const found = await findImage(store, word);
  if (platform === undefined) return { ...found, word };
  return { ...found, word, descriptor: (await chooseImage(store, found.descriptor, platform)).descriptor };
}

/** `app` → `app:1`, `app:2`; the word itself when it has a tag, is an ID, or no name fits. */
function expand(store: Store, word: string): readonly string[] {
  if (/[:@]/.test(word.slice(word.lastIndexOf("/") + 1)) || word.startsWith("sha256:")) return [word];
  const names = store.names.list().map(({ name }) => name);
  const fitting = names.filter((name) => isTagOf(parseReference(name), word));
  return fitting.length > 0 ? fitting.sort() : [word];
}

function isTagOf(name: Reference, word: string): boolean {
  const { tag, digest: _, ...repository } = name;
  if (tag === undefined) return false;
  return word === formatReference(repository) || word === formatFamiliar(repository);
}
