// An archive of `docker save` → images of the store, each with a manifest of its own.
// https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format

import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import type { Store } from "../../cache/index.js";
import {
  decompress,
  type Descriptor,
  type Digest,
  Digester,
  formatReference,
  type ImageConfig,
  type Manifest,
  MediaType,
  parseImageConfig,
  parseReference,
  sha256,
} from "../../oci/index.js";
import type { LoadedImage } from "./loaded.js";
import { badArchive, type StagedArchive, type StagedFile } from "./stage.js";

interface SavedImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

/** @throws bad_archive, bad_manifest, digest_mismatch */
export async function loadDocker(store: Store, archive: StagedArchive): Promise<LoadedImage[]> {
  const loaded: LoadedImage[] = [];
  const moved = new Map<string, Descriptor>();
  for (const saved of parseSaved(archive.bytes("manifest.json"))) {
    const configBytes = archive.bytes(saved.Config);
    const config = parseImageConfig(configBytes);
    const layers = await moveLayers(store, archive, { saved, config, moved });
    const configBlob = await putBytes(store, configBytes, MediaType.config);
    const manifest: Manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config: configBlob, layers };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const descriptor = { mediaType: MediaType.manifest, digest: sha256(bytes), size: bytes.length };
    await store.putManifest(descriptor, bytes);
    const names = saved.RepoTags.map((name) => formatReference(parseReference(name)));
    loaded.push({ descriptor, imageId: configBlob.digest, names });
  }
  return loaded;
}

interface Moving {
  readonly saved: SavedImage;
  readonly config: ImageConfig;
  /** What was moved into the store before, by path in the archive: images share layers. */
  readonly moved: Map<string, Descriptor>;
}

async function moveLayers(store: Store, archive: StagedArchive, { saved, config, moved }: Moving) {
  const { diff_ids: diffIDs } = config.rootfs;
  if (diffIDs.length !== saved.Layers.length)
    throw badArchive(`expected ${diffIDs.length} layers, as the config has, found ${saved.Layers.length}`);
  const layers: Descriptor[] = [];
  for (const [position, name] of saved.Layers.entries()) {
    const file = archive.get(name);
    const blob = (file && moved.get(file.path)) ?? (await layerBlob(name, file, diffIDs[position]!));
    if (file && !store.blobs.hasSync(blob)) store.blobs.adopt(file.path, blob.digest);
    if (file) moved.set(file.path, blob);
    layers.push(blob);
  }
  return layers;
}

const COMPRESSED: readonly (readonly [magic: string, mediaType: string])[] = [
  ["1f8b", MediaType.layerGzip],
  ["28b52ffd", MediaType.layerZstd],
];

/** @throws digest_mismatch when the layer does not unpack to the diffID */
async function layerBlob(name: string, file: StagedFile | undefined, diffID: Digest): Promise<Descriptor> {
  if (!file) throw badArchive(`expected the layer "${name}" in the archive, found nothing under this name`);
  const start = firstBytes(file.path).toString("hex");
  const mediaType = COMPRESSED.find(([magic]) => start.startsWith(magic))?.[1] ?? MediaType.layer;
  const found = mediaType === MediaType.layer ? file.digest : await unpackedDigest(file, mediaType);
  if (found !== diffID)
    throw badArchive(`layer "${name}": expected diffID ${diffID}, as the config has, found ${found}`);
  return { mediaType, digest: file.digest, size: file.size };
}

function firstBytes(path: string): Buffer {
  const bytes = Buffer.alloc(4);
  const fd = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

async function unpackedDigest({ path }: StagedFile, mediaType: string): Promise<Digest> {
  const digester = new Digester();
  for await (const chunk of decompress(createReadStream(path), mediaType)) digester.update(chunk as Uint8Array);
  return digester.digest;
}

async function putBytes(store: Store, bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
  const blob = { mediaType, digest: sha256(bytes), size: bytes.length };
  if (!store.blobs.hasSync(blob)) await store.put(blob, Readable.from([bytes]));
  return blob;
}

/** @throws bad_archive */
function parseSaved(bytes: Buffer): readonly SavedImage[] {
  const saved = parseJson(bytes);
  if (!Array.isArray(saved) || saved.length === 0)
    throw badArchive("expected a list of images in manifest.json of the archive, found something else");
  return saved.map(({ Config, RepoTags, Layers }: Partial<SavedImage>) => {
    if (typeof Config !== "string" || !isTexts(Layers) || !(isTexts(RepoTags) || !RepoTags))
      throw badArchive("expected Config, RepoTags and Layers of each image in manifest.json, found something else");
    return { Config, RepoTags: RepoTags ?? [], Layers };
  });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw badArchive(`manifest.json of the archive is no JSON: ${error.message}`);
    throw error;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
