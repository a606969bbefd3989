// Images for `docker load`: configs, uncompressed layers, and manifest.json, which names them.
// https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format

import { type ArchiveEntry, blobName, dockerManifest, LIST_OF_IMAGES, textEntry } from "../../archives/index.js";
import type { Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import {
  decompress,
  type Descriptor,
  type Digest,
  Digester,
  formatFamiliar,
  type Image,
  readBlob,
} from "../../oci/index.js";
import { chooseImage } from "../root.js";
import type { SavedRoot } from "./save.js";

export async function* dockerEntries(
  store: Store,
  roots: readonly SavedRoot[],
  platform?: string,
): AsyncGenerator<ArchiveEntry> {
  const images = new Map<Digest, { readonly image: Image; readonly names: string[] }>();
  for (const { descriptor, reference } of roots) {
    const image = await chooseImage(store, descriptor, platform);
    const known = images.get(image.manifest.config.digest) ?? { image, names: [] };
    if (reference?.tag !== undefined) known.names.push(formatFamiliar(reference));
    images.set(image.manifest.config.digest, known);
  }
  const written = new Set<string>();
  for (const { image } of images.values()) yield* parts(store, image, written);
  const saved = [...images.values()].map(({ image: { manifest, config }, names }) => ({
    config: manifest.config.digest,
    names,
    layers: config.rootfs.diff_ids,
  }));
  yield textEntry(LIST_OF_IMAGES.docker, dockerManifest(saved));
}

/** The config and the layers of an image, but for what is written already. */
async function* parts(store: Store, { manifest, config }: Image, written: Set<string>): AsyncGenerator<ArchiveEntry> {
  const configBytes = await readBlob(store, manifest.config);
  if (isFirst(written, manifest.config.digest))
    yield { name: blobName(manifest.config.digest), size: configBytes.length, content: [configBytes] };
  for (const [position, blob] of manifest.layers.entries()) {
    const diffID = config.rootfs.diff_ids[position]!;
    if (!isFirst(written, diffID)) continue;
    const size = await unpackedSize(store, blob, diffID);
    yield { name: blobName(diffID), size, content: decompress(await store.open(blob), blob) };
  }
}

function isFirst(written: Set<string>, digest: Digest): boolean {
  return written.size < written.add(digest).size;
}

/** A tar wants the size before the bytes. @throws digest_mismatch */
async function unpackedSize(store: Store, blob: Descriptor, diffID: Digest): Promise<number> {
  if (blob.digest === diffID) return blob.size;
  const known = store.layerIndex(diffID)?.size;
  if (known !== undefined) return known;
  const digester = new Digester();
  for await (const chunk of decompress(await store.open(blob), blob)) digester.update(chunk as Uint8Array);
  if (digester.digest === diffID) return digester.size;
  throw new TsbuildError(
    "digest_mismatch",
    `layer ${blob.digest}: expected diffID ${diffID}, unpacked ${digester.digest}`,
  );
}
