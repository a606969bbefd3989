// An OCI image layout in a tar.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { REF_NAME } from "../cache/index.js";
import { type BlobStore, type Descriptor, hexOf, MediaType } from "../oci/index.js";
import type { ArchiveEntry } from "./archive.js";
import type { WrittenImage } from "./platforms.js";

/** The annotation that containerd and `docker load` look for. */
const IMAGE_NAME = "io.containerd.image.name";

/** A name as layouts have it, and in full. */
export interface LayoutName {
  readonly tag: string;
  readonly full: string;
}

export async function* ociArchive(
  { root, platforms }: WrittenImage,
  names: readonly LayoutName[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  yield text("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  if (platforms.length > 1) yield blob(root.descriptor, root.bytes);
  const layers = new Map(platforms.flatMap((platform) => platform.layers).map((layer) => [layer.digest, layer]));
  for (const { manifest } of platforms) yield blob(manifest.descriptor, manifest.bytes);
  const configs = new Map(platforms.map(({ image }) => [image.configDescriptor.digest, image]));
  for (const { configDescriptor, configBytes } of configs.values()) yield blob(configDescriptor, configBytes);
  for (const layer of layers.values())
    yield { name: blobName(layer), size: layer.size, content: await from.open(layer) };
  yield text("index.json", JSON.stringify(indexOf(root.descriptor, names)));
}

function blob(descriptor: Descriptor, bytes: Uint8Array): ArchiveEntry {
  return { name: blobName(descriptor), size: bytes.length, content: [bytes] };
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
