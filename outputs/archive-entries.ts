// What an archive has of an image that was just built.

import {
  type ArchiveEntry,
  blobName,
  dockerManifest,
  layoutEntries,
  LIST_OF_IMAGES,
  namedRoot,
  textEntry,
} from "../archives/index.js";
import { type BlobStore, formatReference, type Reference } from "../oci/index.js";
import { documentsOf, layersOf, type WrittenImage } from "./platforms.js";

/** An OCI image layout. */
export function ociArchive(
  image: WrittenImage,
  names: readonly Reference[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  const { descriptor } = image.root;
  const roots = names.length > 0 ? names.map((name) => namedRoot(descriptor, name)) : [descriptor];
  return layoutEntries(blobs(image, from), roots);
}

/** The same with what `docker load` reads: for images of one platform. */
export async function* dockerArchive(
  image: WrittenImage,
  names: readonly Reference[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  yield* ociArchive(image, names, from);
  yield textEntry(LIST_OF_IMAGES.docker, dockerList(image, names));
}

/** What `docker load` looks for. */
export function dockerList({ platforms }: WrittenImage, names: readonly Reference[]): string {
  const images = platforms.map(({ image, layers }) => ({
    config: image.configDescriptor.digest,
    names: names.map(formatReference),
    layers: layers.map(({ digest }) => digest),
  }));
  return dockerManifest(images);
}

async function* blobs(image: WrittenImage, from: BlobStore): AsyncGenerator<ArchiveEntry> {
  for (const { descriptor, bytes } of documentsOf(image))
    yield { name: blobName(descriptor.digest), size: bytes.length, content: [bytes] };
  for (const layer of layersOf(image))
    yield { name: blobName(layer.digest), size: layer.size, content: await from.open(layer) };
}
