// Load: images of an archive into the store.
// https://docs.docker.com/reference/cli/docker/image/load/

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import {
  ArchiveImages,
  badArchive,
  directoryMembers,
  formOf,
  type Members,
  namesOf,
  stageArchive,
} from "../../archives/index.js";
import { stagedName, type Store, storeError } from "../../cache/index.js";
import {
  type Descriptor,
  formatFamiliar,
  formatReference,
  isIndex,
  isManifest,
  parseReference,
  readImage,
  throwIfInterrupted,
} from "../../oci/index.js";
import { blobsOf, chooseImage, indexedManifests, isRunnable } from "../root.js";
import { ArchiveBlobs } from "./archive-blobs.js";
import type { LoadedImage } from "./loaded.js";

export interface LoadOptions {
  /** Only this one of the images of an index. @default all of them */
  readonly platform?: string;
  readonly signal?: AbortSignal;
}

/**
 * Takes an image layout in a directory; what is there stays.
 * @throws bad_archive, bad_manifest, digest_mismatch, platform_not_found, store_full
 */
export async function loadDirectory(
  store: Store,
  directory: string,
  { platform }: LoadOptions = {},
): Promise<readonly LoadedImage[]> {
  return loadMembers(store, await directoryMembers(directory), platform);
}

/**
 * Takes an archive of `docker save` or an OCI layout, plain or compressed with gzip, zstd, bzip2 or xz. Digests are
 * compared with the bytes, and nothing gets a name before all of its image is there. The names returned are docker's
 * short ones.
 * @throws bad_archive, bad_manifest, digest_mismatch, platform_not_found, store_full, interrupted
 */
export async function loadImages(
  store: Store,
  content: Readable,
  { platform, signal }: LoadOptions = {},
): Promise<readonly LoadedImage[]> {
  const directory = stagedName(join(store.scratch(), "load"));
  mkdirSync(directory);
  try {
    if (signal) addAbortSignal(signal, content); // a pipe may be silent for long
    return await loadMembers(store, await stageArchive(content, { directory, signal }), platform);
  } catch (error) {
    throwIfInterrupted(signal);
    throw storeError(error, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function loadMembers(store: Store, members: Members, platform?: string): Promise<readonly LoadedImage[]> {
  const form = formOf(members);
  if (form === undefined) throw badArchive(`expected manifest.json or index.json in ${members.where}, found neither`);
  const images = await takeImages(store, await ArchiveImages.of(members, form), platform);
  for (const image of images) await nameImage(store, image);
  return images.map(({ names, ...image }) => ({ ...image, names: names.map(familiar) }));
}

/** All blobs, and no names. @throws bad_archive, bad_manifest, platform_not_found */
async function takeImages(store: Store, archive: ArchiveImages, platform?: string): Promise<LoadedImage[]> {
  const blobs = new ArchiveBlobs(archive, store);
  const listed = archive.images.filter(isImage);
  const loaded: LoadedImage[] = [];
  for (const root of new Map(listed.map((image) => [image.digest, image])).values()) {
    const image = platform === undefined ? root : (await chooseImage(blobs, root, platform)).descriptor;
    for (const blob of await blobsOf(blobs, image)) await blobs.take(blob);
    const names = listed.filter(({ digest }) => digest === root.digest).flatMap(nameOf);
    loaded.push({ ...(await describe(store, image)), names });
  }
  if (loaded.length > 0) return loaded;
  throw badArchive("expected images in index.json of the archive, found none");
}

function isImage({ mediaType }: Descriptor): boolean {
  return isIndex(mediaType) || isManifest(mediaType);
}

/** Every image of an index that is here is whole. @throws bad_manifest */
async function describe(store: Store, { mediaType, digest, size }: Descriptor) {
  const descriptor = { mediaType, digest, size };
  if (!isIndex(mediaType)) {
    const { manifest } = await readImage(store, descriptor);
    return { descriptor, imageId: manifest.config.digest };
  }
  const manifests = (await indexedManifests(store, descriptor)).filter((one) => isRunnable(one) && one.isHere);
  for (const one of manifests) await readImage(store, one.descriptor);
  return { descriptor, imageId: digest };
}

/** `1.0` alone is a tag without a repository, which is no name here. */
function nameOf(image: Descriptor): string[] {
  const { full, tag = "" } = namesOf(image);
  const name = full ?? (/[/:]/.test(tag) ? tag : undefined);
  return name === undefined ? [] : [formatReference(parseReference(name))];
}

const familiar = (name: string): string => formatFamiliar(parseReference(name));

async function nameImage(store: Store, { descriptor, names }: LoadedImage): Promise<void> {
  await store.names.keep(descriptor);
  for (const name of names) await store.nameImage(name, descriptor);
}
