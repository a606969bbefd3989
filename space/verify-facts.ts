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
  storedFacts,
  type Store,
} from "../cache/index.js";
import { type Descriptor, hexOf } from "../oci/index.js";
import type { Repairable } from "./verify.js";

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

interface TableFact {
  readonly table: string;
  readonly fact: StoredFact;
}

/** @param dropped hex digests of blobs that are no good */
export function wrongFacts(
  store: Store,
  dropped: ReadonlySet<string>,
): { readonly wrong: readonly Repairable[]; readonly checked: number } {
  const facts = Object.keys(TABLES).flatMap((table) =>
    storedFacts(store.paths, table).map((fact) => ({ table, fact })),
  );
  const wrong = facts.flatMap((one) => {
    const message = whatIsWrong(store, one, dropped);
    return message === undefined ? [] : [finding(store, one.fact, message)];
  });
  return { wrong, checked: facts.length };
}

function whatIsWrong(
  store: Store,
  { table, fact: { value } }: TableFact,
  dropped: ReadonlySet<string>,
): string | undefined {
  const blob = TABLES[table]!(value);
  if (!blob) return "it cannot be read";
  const isThere = store.blobs.hasSync(blob) && !dropped.has(hexOf(blob.digest));
  return isThere || HARMLESS.has(table) ? undefined : `it names ${blob.digest}, which is not in the store`;
}

function finding({ paths }: Store, { path }: StoredFact, message: string): Repairable {
  return { kind: "record", name: relative(paths.root, path), message, drop: () => rmSync(path, { force: true }) };
}
