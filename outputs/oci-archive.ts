// An OCI image layout in a tar.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { REF_NAME } from "../cache/index.js";
import { type BlobStore, type Descriptor, hexOf, MediaType } from "../oci/index.js";
import type { ArchiveEntry } from "./archive.js";
import type { AssembledImage, ManifestBytes } from "./assemble.js";

/** The annotation that containerd and `docker load` look for. */
const IMAGE_NAME = "io.containerd.image.name";

/** A name as layouts have it, and in full. */
export interface LayoutName {
  readonly tag: string;
  readonly full: string;
}

export async function* ociArchive(
  image: AssembledImage,
  manifest: ManifestBytes,
  layers: readonly Descriptor[],
  names: readonly LayoutName[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  yield text("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  yield { name: blobName(manifest.descriptor), size: manifest.bytes.length, content: [manifest.bytes] };
  yield { name: blobName(image.configDescriptor), size: image.configBytes.length, content: [image.configBytes] };
  const unique = new Map(layers.map((layer) => [layer.digest, layer]));
  for (const layer of unique.values())
    yield { name: blobName(layer), size: layer.size, content: await from.open(layer) };
  yield text("index.json", JSON.stringify(indexOf(manifest.descriptor, names)));
}

function indexOf(manifest: Descriptor, names: readonly LayoutName[]): unknown {
  const named = names.map(({ tag, full }) => ({ ...manifest, annotations: { [IMAGE_NAME]: full, [REF_NAME]: tag } }));
  return { schemaVersion: 2, mediaType: MediaType.index, manifests: named.length > 0 ? named : [manifest] };
}

function text(name: string, content: string): ArchiveEntry {
  const bytes = Buffer.from(content);
  return { name, size: bytes.length, content: [bytes] };
}

function blobName({ digest }: Descriptor): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
