// Records that cannot be read, or that name what is not there.

import { rmSync } from "node:fs";
import { relative } from "node:path";
import {
  blobOf,
  isCacheRecord,
  isDescriptor,
  isDownloadFact,
  isLayerFact,
  type StoredFact,
  storedFact,
  storedFacts,
  type Store,
} from "../cache/index.js";
import { type Descriptor, hexOf } from "../oci/index.js";
import type { Suspect } from "./suspect.js";

/** The blob that a fact names; undefined when it is damaged. */
type BlobOf = (value: unknown) => Pick<Descriptor, "digest" | "size"> | undefined;

const TABLES: Readonly<Record<string, BlobOf>> = {
  k1: (value) => (isCacheRecord(value) ? blobOf(value.layer) : undefined),
  content1: (value) => (isLayerFact(value) ? blobOf(value) : undefined),
  compressed1: (value) => (isDescriptor(value) ? value : undefined),
  pulled1: (value) => (isDescriptor(value) ? value : undefined),
  http1: (value) => (isDownloadFact(value) ? value : undefined),
};

/** Facts that may outlive their blob: nobody relies on them. */
const HARMLESS: ReadonlySet<string> = new Set(["compressed1"]);

/** @param dropped hex digests of blobs that are no good */
export function wrongFacts(
  store: Store,
  dropped: ReadonlySet<string>,
): { readonly wrong: readonly Suspect[]; readonly checked: number } {
  const facts = Object.keys(TABLES).flatMap((table) =>
    storedFacts(store.paths, table).map((fact) => ({ table, fact })),
  );
  const wrong = facts.flatMap(({ table, fact }) => {
    const message = whatIsWrong(store, table, fact, dropped);
    return message === undefined ? [] : [suspect(store, table, fact, message, dropped)];
  });
  return { wrong, checked: facts.length };
}

function whatIsWrong(
  store: Store,
  table: string,
  { value }: StoredFact,
  dropped: ReadonlySet<string>,
): string | undefined {
  const blob = TABLES[table]!(value);
  if (!blob) return "it cannot be read";
  const isThere = store.blobs.hasSync(blob) && !dropped.has(hexOf(blob.digest));
  return isThere || HARMLESS.has(table) ? undefined : `it names ${blob.digest}, which is not in the store`;
}

function suspect(
  store: Store,
  table: string,
  { path, key }: StoredFact,
  message: string,
  dropped: ReadonlySet<string>,
): Suspect {
  const isStillWrong = () => {
    const now = storedFact(store.paths, table, key);
    return now !== undefined && whatIsWrong(store, table, now, dropped) === message;
  };
  const drop = () => rmSync(path, { force: true });
  return { kind: "record", name: relative(store.paths.root, path), message, isStillWrong, drop };
}
