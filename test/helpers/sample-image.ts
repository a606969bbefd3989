// Small images made of nothing, put straight into a store.

import { Readable } from "node:stream";
import { type Descriptor, type ImageStore, MediaType, type Platform, sha256 } from "../../oci/index.js";

export function describeBytes(bytes: Uint8Array | string, mediaType: string = MediaType.layer): Descriptor {
  return { mediaType, digest: sha256(bytes), size: Buffer.byteLength(bytes) };
}

export async function putBytes(store: ImageStore, bytes: Uint8Array | string, mediaType?: string): Promise<Descriptor> {
  const blob = describeBytes(bytes, mediaType);
  await store.put(blob, Readable.from([Buffer.from(bytes)], { objectMode: false }));
  return blob;
}

/** Stores an image whose layers have the given content. */
export async function putImage(
  store: ImageStore,
  layers: readonly (string | Uint8Array)[],
  platform: Platform = { os: "linux", architecture: "amd64" },
): Promise<Descriptor> {
  const blobs: Descriptor[] = [];
  for (const layer of layers) blobs.push(await putBytes(store, layer));
  const { os, architecture, variant } = platform;
  const config = {
    architecture,
    os,
    ...(variant && { variant }),
    config: {},
    rootfs: { type: "layers", diff_ids: blobs.map(({ digest }) => digest) },
    history: [],
  };
  const configBlob = await putBytes(store, JSON.stringify(config), MediaType.config);
  return putJson(store, MediaType.manifest, { config: configBlob, layers: blobs });
}

/** Stores an index of images that the store has. */
export function putIndex(store: ImageStore, manifests: readonly Descriptor[]): Promise<Descriptor> {
  return putJson(store, MediaType.index, { manifests });
}

async function putJson(store: ImageStore, mediaType: string, fields: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }));
  const descriptor = describeBytes(bytes, mediaType);
  await store.putManifest(descriptor, bytes);
  return descriptor;
}
