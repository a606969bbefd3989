// The blobs of images: what a manifest or an index names, as far as the store has it.

import { readFileSync } from "node:fs";
import type { Store } from "../cache/index.js";
import { type Descriptor, hexOf, isDigest, isIndex, isManifest, parseIndex, parseManifest } from "../oci/index.js";
import { TsbuildError } from "../errors.js";

/** Hex digests of a blob and of all that it names. What is damaged or not there names nothing. */
export function reachableFrom(store: Store, root: Descriptor, seen: Set<string> = new Set()): Set<string> {
  const hex = hexOf(root.digest);
  if (seen.has(hex)) return seen;
  seen.add(hex);
  for (const child of childrenOf(store, root)) reachableFrom(store, child, seen);
  return seen;
}

/** Of all images that have a name. Those that have lost theirs are kept as long as the cache keeps their blobs. */
export function blobsOfImages(store: Store): Set<string> {
  const seen = new Set<string>();
  for (const { descriptor } of store.names.list()) reachableFrom(store, descriptor, seen);
  return seen;
}

/** What a manifest or an index names. */
export function childrenOf(store: Store, { mediaType, digest }: Descriptor): readonly Descriptor[] {
  if (!isDigest(digest) || (!isIndex(mediaType) && !isManifest(mediaType))) return [];
  try {
    const bytes = readFileSync(store.blobs.path(digest));
    if (isIndex(mediaType)) return parseIndex(bytes).manifests;
    const { config, layers, subject } = parseManifest(bytes);
    return [config, ...layers, ...(subject ? [subject] : [])];
  } catch (error) {
    if (error instanceof TsbuildError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
