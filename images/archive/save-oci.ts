// Images as an OCI layout in an archive: every blob as the store has it.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { REF_NAME, type Store } from "../../cache/index.js";
import { type Descriptor, formatReference, hexOf, MediaType } from "../../oci/index.js";
import type { ArchiveEntry } from "../../outputs/index.js";
import { blobsOf } from "../root.js";
import type { SavedRoot } from "./save.js";

export async function* layoutEntries(store: Store, roots: readonly SavedRoot[]): AsyncGenerator<ArchiveEntry> {
  yield text("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  const written = new Set<string>();
  for (const { descriptor } of roots) {
    for (const blob of await blobsOf(store, descriptor)) {
      if (written.has(blob.digest)) continue;
      written.add(blob.digest);
      yield { name: `blobs/sha256/${hexOf(blob.digest)}`, size: blob.size, content: await store.open(blob) };
    }
  }
  const manifests = roots.map(describe);
  yield text("index.json", JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests }));
}

/** With the name in full, and its tag alone: different tools look for different ones. */
function describe({ descriptor, reference }: SavedRoot): Descriptor {
  const { mediaType, digest, size } = descriptor;
  const annotations = reference?.tag !== undefined && {
    annotations: { "io.containerd.image.name": formatReference(reference), [REF_NAME]: reference.tag },
  };
  return { mediaType, digest, size, ...annotations };
}

function text(name: string, content: string): ArchiveEntry {
  const bytes = Buffer.from(content);
  return { name, size: bytes.length, content: [bytes] };
}
