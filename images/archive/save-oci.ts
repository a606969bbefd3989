// Images as an OCI layout in an archive: every blob as the store has it.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { type ArchiveEntry, blobName, layoutEntries, namedRoot } from "../../archives/index.js";
import type { Store } from "../../cache/index.js";
import type { Descriptor } from "../../oci/index.js";
import { blobsOf } from "../root.js";
import type { SavedRoot } from "./save.js";

export function ociEntries(store: Store, roots: readonly SavedRoot[]): AsyncGenerator<ArchiveEntry> {
  return layoutEntries(blobs(store, roots), roots.map(describe));
}

/** Each once. */
async function* blobs(store: Store, roots: readonly SavedRoot[]): AsyncGenerator<ArchiveEntry> {
  const written = new Set<string>();
  for (const { descriptor } of roots) {
    for (const blob of await blobsOf(store, descriptor)) {
      if (written.has(blob.digest)) continue;
      written.add(blob.digest);
      yield { name: blobName(blob.digest), size: blob.size, content: await store.open(blob) };
    }
  }
}

function describe({ descriptor: { mediaType, digest, size }, reference }: SavedRoot): Descriptor {
  const root = { mediaType, digest, size };
  return reference?.tag === undefined ? root : namedRoot(root, reference);
}
