// `docker load` archives: manifest.json, the config and uncompressed layers, in an OCI layout's folders.
// https://github.com/moby/moby/blob/master/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format

import { TsbuildError } from "../errors.js";
import type { Layer } from "../executor/index.js";
import { type BlobStore, decompress, type Descriptor, Digester, hexOf } from "../oci/index.js";
import type { ArchiveEntry } from "./archive.js";
import type { AssembledImage } from "./assemble.js";

/** `measure` tells the size of an uncompressed layer before its bytes are written: tar wants the size first. */
export async function* dockerArchive(
  image: AssembledImage,
  names: readonly string[],
  from: BlobStore,
): AsyncGenerator<ArchiveEntry> {
  const config = `blobs/sha256/${hexOf(image.configDescriptor.digest)}`;
  yield { name: config, size: image.configBytes.length, content: [image.configBytes] };
  const written = new Set<string>();
  for (const layer of image.layers) {
    const name = layerName(layer);
    if (written.has(name)) continue;
    written.add(name);
    yield { name, size: await uncompressedSize(layer, from), content: await openTar(layer.blob, from) };
  }
  const manifest = Buffer.from(
    JSON.stringify([{ Config: config, RepoTags: names, Layers: image.layers.map(layerName) }]),
  );
  yield { name: "manifest.json", size: manifest.length, content: [manifest] };
}

function layerName({ diffID }: Layer): string {
  return `blobs/sha256/${hexOf(diffID)}`;
}

async function openTar(blob: Descriptor, from: BlobStore): Promise<AsyncIterable<Uint8Array>> {
  return decompress(await from.open(blob), blob.mediaType);
}

async function uncompressedSize(layer: Layer, from: BlobStore): Promise<number> {
  if (layer.blob.digest === layer.diffID) return layer.blob.size;
  const digester = new Digester();
  for await (const chunk of await openTar(layer.blob, from)) digester.update(chunk);
  if (digester.digest === layer.diffID) return digester.size;
  throw new TsbuildError(
    "digest_mismatch",
    `layer ${layer.blob.digest}: expected diffID ${layer.diffID}, unpacked ${digester.digest}`,
  );
}
