// An OCI image layout, file by file; for Docker with the file more that `docker load` reads.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md
// https://github.com/moby/moby/blob/master/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format

import { REF_NAME } from "../cache/index.js";
import { type BlobStore, type Descriptor, formatReference, hexOf, MediaType, type Reference } from "../oci/index.js";
import type { ArchiveEntry } from "./archive.js";
import { documentsOf, layersOf, type WrittenImage } from "./platforms.js";

/** The annotation that containerd and `docker load` look for. */
const IMAGE_NAME = "io.containerd.image.name";

export async function* ociArchive(
  image: WrittenImage,
  names: readonly Reference[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  yield text("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  for (const { descriptor, bytes } of documentsOf(image))
    yield { name: blobName(descriptor), size: bytes.length, content: [bytes] };
  for (const layer of layersOf(image))
    yield { name: blobName(layer), size: layer.size, content: await from.open(layer) };
  const roots =
    names.length > 0 ? names.map((name) => namedRoot(image.root.descriptor, name)) : [image.root.descriptor];
  yield text("index.json", JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: roots }));
}

/** The same with `manifest.json`: for images of one platform. */
export async function* dockerArchive(
  image: WrittenImage,
  names: readonly Reference[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  yield* ociArchive(image, names, from);
  yield text("manifest.json", dockerManifest(image, names));
}

/** What `docker load` reads. */
export function dockerManifest({ platforms }: WrittenImage, names: readonly Reference[]): string {
  const images = platforms.map(({ image, layers }) => ({
    Config: blobName(image.configDescriptor),
    RepoTags: names.map(formatReference),
    Layers: layers.map(blobName),
  }));
  return JSON.stringify(images);
}

/** The descriptor as an index of names has it: the tag, as `skopeo copy oci:DIR:TAG` and buildx have it, and all of the name. */
export function namedRoot(root: Descriptor, name: Reference): Descriptor {
  return {
    ...root,
    annotations: { ...root.annotations, [IMAGE_NAME]: formatReference(name), [REF_NAME]: tagName(name) },
  };
}

export function tagName(reference: Reference): string {
  return reference.tag ?? "latest";
}

function text(name: string, content: string): ArchiveEntry {
  const bytes = Buffer.from(content);
  return { name, size: bytes.length, content: [bytes] };
}

function blobName({ digest }: Descriptor): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
