// What the beginning of an ID stands for: of several images with it, always the same one.
// https://docs.docker.com/reference/cli/docker/image/rm/

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { type Descriptor, type Digest, formatFamiliar, hexOf, isIndex, type Reference } from "../oci/index.js";
import { namesOf } from "./names.js";
import { describeRoot, idOf } from "./root.js";

export interface IdChoice {
  /** Refuses an ID that several named images have, rather than to prefer one of them. @default false */
  readonly strict?: boolean;
}

/** A manifest or index that an ID may mean. The lower the rank, the more it is meant. */
interface Match {
  readonly descriptor: Descriptor;
  /** All digests of it that begin so. */
  readonly ids: readonly Digest[];
  readonly rank: number;
  readonly names: readonly Reference[];
}

const Rank = { itself: 0, image: 1, indexOfOne: 2, partOfIndex: 3 } as const;

/**
 * By the digest of a manifest or index, else of the config of an image (the image ID), else of a config that an index lists.
 * Of those that are alike, one with a name, the first by name.
 * @throws bad_reference when several IDs begin so; image_in_use when several named images have the ID, if `strict`
 */
export async function findById(
  store: Store,
  id: string,
  word: string,
  { strict = false }: IdChoice = {},
): Promise<Descriptor | undefined> {
  const matches = await matchesOf(store, id);
  const ids = new Set(matches.flatMap((match) => match.ids));
  if (matches.length > 1 && ids.size > 1) throw severalIds(word, shownIds(matches, ids));
  const [best] = matches;
  if (strict && best) refuseSeveral(word, matches);
  return best?.descriptor;
}

/**
 * All images that are meant alike by the beginning of an ID: whoever removes the image of an ID removes each form of it. Parts of
 * an index count only when nothing else has the ID.
 * @throws bad_reference when several IDs begin so
 */
export async function findAllById(store: Store, id: string, word: string): Promise<readonly Descriptor[]> {
  const best = await findById(store, id, word);
  if (!best) return [];
  return alike(await matchesOf(store, id)).map(({ descriptor }) => descriptor);
}

/** Best first. */
async function matchesOf(store: Store, id: string): Promise<readonly Match[]> {
  const roots = new Map(store.names.manifests().map((descriptor) => [descriptor.digest, plain(descriptor)]));
  const found = await Promise.all([...roots.values()].map((descriptor) => matchOf(store, descriptor, id)));
  return found.flat().sort((a, b) => a.rank - b.rank || compareText(keyOf(a), keyOf(b)));
}

async function matchOf(store: Store, descriptor: Descriptor, id: string): Promise<Match[]> {
  const root = await describeRoot(store, descriptor);
  const ids = [descriptor.digest, ...root.imageIds].filter((one) => hexOf(one).startsWith(id));
  if (ids.length === 0) return [];
  return [{ descriptor, ids, rank: rankOf(), names: namesOf(store, descriptor.digest) }];

  function rankOf(): number {
    if (ids.includes(descriptor.digest)) return Rank.itself;
    if (!isIndex(descriptor.mediaType)) return Rank.image;
    return idOf(descriptor, root) === descriptor.digest ? Rank.partOfIndex : Rank.indexOfOne;
  }
}

function refuseSeveral(word: string, matches: readonly Match[]): void {
  const named = alike(matches).filter((match) => match.names.length > 0);
  if (named.length < 2) return;
  const names = named.map((match) => formatFamiliar(match.names[0]!));
  throw new TsbuildError("image_in_use", `expected the ID of one image, found "${word}" of ${named.length}`, {
    hint: `Write the name instead: ${names.join(", ")}; or remove all of them with --force (-f).`,
  });
}

function alike(matches: readonly Match[]): readonly Match[] {
  const best = matches[0]!.rank;
  const isOnlyOfItsKind = best === Rank.itself || best === Rank.partOfIndex;
  return matches.filter(({ rank }) => (isOnlyOfItsKind ? rank === best : rank < Rank.partOfIndex));
}

/** Each image once, by the ID of its config if that begins so. */
function shownIds(matches: readonly Match[], all: ReadonlySet<Digest>): ReadonlySet<Digest> {
  const shown = new Set(matches.map(({ ids }) => ids.at(-1)!));
  return shown.size > 1 ? shown : all;
}

function severalIds(word: string, ids: ReadonlySet<Digest>): TsbuildError {
  const some = [...ids].slice(0, 3).map((id) => hexOf(id).slice(0, 12));
  return new TsbuildError("bad_reference", `expected the beginning of one image ID, found "${word}" of ${ids.size}`, {
    hint: `Write more of it: ${some.join(", ")}.`,
  });
}

/** Those with a name first, by it. */
function keyOf({ names: [name], descriptor }: Match): string {
  return name ? `0${formatFamiliar(name)}` : `1${descriptor.digest}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
