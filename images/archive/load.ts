// Load: images of an archive into the store.
// https://docs.docker.com/reference/cli/docker/image/load/

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { stagedName, type Store, storeError } from "../../cache/index.js";
import { formatFamiliar, parseReference, throwIfInterrupted } from "../../oci/index.js";
import { loadDocker } from "./load-docker.js";
import { loadLayout } from "./load-oci.js";
import type { LoadedImage } from "./loaded.js";
import { badArchive, stageArchive } from "./stage.js";

/**
 * Takes an archive of `docker save` or an OCI layout, plain or compressed with gzip, zstd, bzip2 or xz. Digests are
 * compared with the bytes, and nothing gets a name before all of its image is there. The names returned are docker's
 * short ones.
 * @throws bad_archive, bad_manifest, digest_mismatch, store_full, interrupted
 */
export async function loadImages(
  store: Store,
  content: Readable,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly LoadedImage[]> {
  const directory = stagedName(join(store.scratch(), "load"));
  mkdirSync(directory);
  try {
    if (options.signal) addAbortSignal(options.signal, content); // a pipe may be silent for long
    const archive = await stageArchive(content, directory, options);
    const hasLayout = archive.get("oci-layout") !== undefined && archive.get("index.json") !== undefined;
    if (!hasLayout && !archive.get("manifest.json"))
      throw badArchive("expected manifest.json or index.json in the archive, found neither");
    const images = hasLayout ? await loadLayout(store, archive) : await loadDocker(store, archive);
    for (const image of images) await nameImage(store, image);
    return images.map(({ names, ...image }) => ({ ...image, names: names.map(familiar) }));
  } catch (error) {
    throwIfInterrupted(options.signal);
    throw storeError(error, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const familiar = (name: string): string => formatFamiliar(parseReference(name));

async function nameImage(store: Store, { descriptor, names }: LoadedImage): Promise<void> {
  await store.names.keep(descriptor);
  for (const name of names) await store.nameImage(name, descriptor);
}
