// What archives of images are made of.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { type Descriptor, MediaType } from "../oci/index.js";
import { LAYOUT_MARKER, LAYOUT_VERSION, LIST_OF_IMAGES } from "./format.js";

export interface ArchiveEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export function textEntry(name: string, text: string): ArchiveEntry {
  const bytes = Buffer.from(text);
  return { name, size: bytes.length, content: [bytes] };
}

/** @param roots with the names of the images */
export function indexEntry(roots: readonly Descriptor[]): ArchiveEntry {
  const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: roots };
  return textEntry(LIST_OF_IMAGES.oci, JSON.stringify(index));
}

/** An OCI image layout. */
export async function* layoutEntries(
  blobs: AsyncIterable<ArchiveEntry>,
  roots: readonly Descriptor[],
): AsyncGenerator<ArchiveEntry> {
  yield textEntry(LAYOUT_MARKER, LAYOUT_VERSION);
  yield* blobs;
  yield indexEntry(roots);
}
