// What a user's word stands for in the store: a name, a name with a digest, an image ID or the beginning of one.
// https://docs.docker.com/reference/cli/docker/image/inspect/

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  formatFamiliar,
  formatReference,
  isDigest,
  parseReference,
  type Reference,
} from "../oci/index.js";
import { suggest } from "../suggest.js";
import { findAllById, findById, type IdChoice } from "./find-id.js";
import { namesOf } from "./names.js";

export interface FoundImage {
  /** A manifest, or an index of several platforms. */
  readonly descriptor: Descriptor;
  /** What the image was found by. Absent when that was an ID. */
  readonly reference?: Reference;
  /** All names that stand for the same descriptor, sorted. */
  readonly names: readonly Reference[];
}

/** A user's word, or what it was found to be. */
export type ImageWord = string | FoundImage;

/** The beginning of an ID, or all of it, with or without `sha256:`. */
const ID = /^(?:sha256:)?([0-9a-f]{2,64})$/;

/**
 * A name wins over the beginning of an ID, as docker has it.
 * @throws image_not_found, with a name that is alike; bad_reference when several IDs begin so; image_in_use when several named
 * images have the ID, if `strict`
 */
export async function findImage(store: Store, word: string, choice: IdChoice = {}): Promise<FoundImage> {
  const id = ID.exec(word)?.[1];
  const isWhole = id?.length === 64 || isDigest(word);
  const reference = isWhole ? undefined : parseReference(word);
  const named = reference && byName(store, reference);
  if (named) return { descriptor: named, reference, names: namesOf(store, named.digest) };
  const descriptor = id === undefined ? undefined : await findById(store, id, word, choice);
  if (descriptor) return { descriptor, names: namesOf(store, descriptor.digest) };
  throw notFound(store, word, reference);
}

/** What is found already is not looked for again. @throws as `findImage` */
export async function found(store: Store, word: ImageWord): Promise<FoundImage> {
  return typeof word === "string" ? findImage(store, word) : word;
}

/** What messages call it. */
export function textOf(word: ImageWord): string {
  if (typeof word === "string") return word;
  return word.reference ? formatFamiliar(word.reference) : word.descriptor.digest;
}

/** As `findImage`; by an ID all images that have it. @throws image_not_found, bad_reference */
export async function findImages(store: Store, word: string): Promise<readonly FoundImage[]> {
  const found = await findImage(store, word);
  const id = ID.exec(word)?.[1];
  if (found.reference || id === undefined) return [found];
  const all = await findAllById(store, id, word);
  return all.map((descriptor) => ({ descriptor, names: namesOf(store, descriptor.digest) }));
}

/** `app@sha256:…` is any image of that repository with that digest, whatever its tag. */
function byName(store: Store, reference: Reference): Descriptor | undefined {
  const exact = store.names.get(formatReference(reference));
  if (exact || reference.digest === undefined) return exact;
  const known = store.names.list().find(({ name, descriptor }) => {
    const { registry, repository } = parseReference(name);
    return (
      descriptor.digest === reference.digest && registry === reference.registry && repository === reference.repository
    );
  });
  return known?.descriptor;
}

function notFound(store: Store, word: string, reference: Reference | undefined): TsbuildError {
  const alike = reference && nameLike(store, reference);
  return new TsbuildError("image_not_found", `no image "${word}" in the store`, {
    hint: alike === undefined ? "List the images with: tsbuild images." : `Did you mean "${alike}"?`,
  });
}

/** A name that differs by a typing error, else the same repository with another tag. */
function nameLike(store: Store, wanted: Reference): string | undefined {
  const known = store.names.list().map(({ name }) => parseReference(name));
  const isSame = ({ registry, repository }: Reference) =>
    registry === wanted.registry && repository === wanted.repository;
  const other = known.find(isSame);
  return suggest(formatFamiliar(wanted), known.map(formatFamiliar)) ?? (other && formatFamiliar(other));
}
