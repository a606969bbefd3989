// Names are given and taken.
// https://docs.docker.com/reference/cli/docker/image/rm/

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { type Digest, formatFamiliar, formatReference, parseReference, type Reference } from "../oci/index.js";
import { findImage, findImages, type FoundImage } from "./find.js";
import { namesOf } from "./names.js";
import { describeRoot, idOf } from "./root.js";

/** The image that had the name before stays, without it. @throws image_not_found, bad_reference */
export async function tagImage(store: Store, source: string, target: string): Promise<void> {
  const reference = parseReference(target);
  if (reference.digest !== undefined)
    throw new TsbuildError("bad_reference", `expected a name with a tag, found the digest in "${target}"`, {
      hint: "A digest is computed, not given: write NAME:TAG.",
    });
  const { descriptor } = await findImage(store, source);
  await store.nameImage(formatReference(reference), descriptor);
}

export interface RemoveOptions {
  /** Removes an image by its ID although it has several names, and all images that have the ID. @default false */
  readonly force?: boolean;
}

export interface Removal {
  /** The names that were taken away, as docker shows them. */
  readonly untagged: readonly string[];
  /** The ID, when the image has no name left and is no longer listed. Its blobs stay until the store is pruned. */
  readonly deleted?: Digest;
}

/**
 * By a name: that name goes, and with the last one the image. By an ID: all names of the manifest or index go.
 * @throws image_not_found; bad_reference when several IDs begin so; without `force` image_in_use for an ID that several named
 * images have, or one with names in several repositories
 */
export async function removeImage(store: Store, word: string, { force = false }: RemoveOptions = {}): Promise<Removal> {
  const found = force ? await findImages(store, word) : [await findImage(store, word, { strict: true })];
  if (!force && !found[0]!.reference) refuseSeveral(word, found[0]!.names);
  const removals: Removal[] = [];
  for (const image of found) removals.push(await removeFound(store, image));
  const deleted = removals.findLast((removal) => removal.deleted !== undefined)?.deleted;
  return { untagged: removals.flatMap(({ untagged }) => untagged), ...(deleted !== undefined && { deleted }) };
}

async function removeFound(store: Store, { descriptor, reference, names }: FoundImage): Promise<Removal> {
  const root = await describeRoot(store, descriptor);
  const taken = reference ? names.filter((name) => isMeant(reference, name)) : names;
  for (const name of taken) await store.names.remove(formatReference(name));
  if (namesOf(store, descriptor.digest).length === 0) await forgetTwins(store, descriptor.digest, root.imageIds);
  const isGone = store.names.byDigest(descriptor.digest) === undefined;
  return { untagged: taken.map(formatFamiliar), ...(isGone && { deleted: idOf(descriptor, root) }) };
}

/** Takes an image without a name from the list, in every form of it. */
async function forgetTwins(store: Store, gone: Digest, ids: readonly Digest[]): Promise<void> {
  await store.names.forget(gone);
  for (const descriptor of store.names.manifests()) {
    const { imageIds } = await describeRoot(store, descriptor);
    const isTwin = imageIds.length > 0 && imageIds.every((id) => ids.includes(id));
    if (isTwin) await store.names.forget(descriptor.digest);
  }
}

/** `app@sha256:…` means every tag of that repository. */
function isMeant(reference: Reference, name: Reference): boolean {
  if (formatReference(reference) === formatReference(name)) return true;
  if (reference.digest === undefined) return false;
  return name.registry === reference.registry && name.repository === reference.repository;
}

function refuseSeveral(word: string, names: readonly Reference[]): void {
  const repositories = new Set(names.map(({ registry, repository }) => `${registry}/${repository}`));
  if (repositories.size < 2) return;
  throw new TsbuildError("image_in_use", `image "${word}" has names in ${repositories.size} repositories`, {
    hint: `Remove them by name (${names.map(formatFamiliar).join(", ")}), or add --force.`,
  });
}
