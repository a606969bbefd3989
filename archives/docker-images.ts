// The images of an archive of `docker save`, described as OCI images: what it has are configs and layers.
// https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format

import type { Readable } from "node:stream";
import { REF_NAME } from "../cache/index.js";
import {
  compressionOfBytes,
  decompress,
  type Descriptor,
  type Digest,
  Digester,
  formatReference,
  type Manifest,
  MediaType,
  parseImageConfig,
  parseReference,
  sha256,
} from "../oci/index.js";
import { type DockerImage, parseDockerManifest } from "./docker-manifest.js";
import { badArchive, LIST_OF_IMAGES } from "./format.js";
import { type Member, type Members, openMember } from "./members.js";

/** The bytes of a blob, or where they are. */
export type BlobContent = Member | Uint8Array;

export interface DescribedImages {
  readonly images: readonly Descriptor[];
  readonly blobs: ReadonlyMap<Digest, BlobContent>;
}

/** @throws bad_archive, bad_manifest, bad_reference */
export async function dockerImages(members: Members): Promise<DescribedImages> {
  const saved = parseDockerManifest(await members.bytes(LIST_OF_IMAGES.docker), members.where);
  const describer = new Describer(members);
  const images: Descriptor[] = [];
  for (const image of saved) images.push(...named(await describer.describe(image), image.RepoTags));
  return { images, blobs: describer.blobs };
}

function named(manifest: Descriptor, names: readonly string[]): Descriptor[] {
  if (names.length === 0) return [manifest];
  return names.map((name) => ({ ...manifest, annotations: { [REF_NAME]: formatReference(parseReference(name)) } }));
}

/** A layer as the archive has it, and what it unpacks to when that is known. */
interface FoundLayer {
  readonly mediaType: string;
  readonly digest?: Digest;
  readonly diffID?: Digest;
}

class Describer {
  readonly blobs = new Map<Digest, BlobContent>();
  readonly #members: Members;
  /** Images share layers. */
  readonly #layers = new Map<Member, FoundLayer>();

  constructor(members: Members) {
    this.#members = members;
  }

  async describe({ Config, Layers }: DockerImage): Promise<Descriptor> {
    const configBytes = await this.#members.bytes(Config);
    const { diff_ids: diffIDs } = parseImageConfig(configBytes).rootfs;
    if (Layers.length !== diffIDs.length)
      throw badArchive(`expected ${diffIDs.length} layers, as "${Config}" has, found ${Layers.length}`);
    const layers: Descriptor[] = [];
    for (const [position, name] of Layers.entries()) layers.push(await this.#layer(name, diffIDs[position]!));
    const config = this.#document(configBytes, MediaType.config);
    const manifest: Manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers };
    return this.#document(Buffer.from(JSON.stringify(manifest)), MediaType.manifest);
  }

  /** A plain layer in the midst of an archive is the one that the config names; whether its bytes are that, is seen when they are read. */
  async #layer(name: string, expected: Digest): Promise<Descriptor> {
    const member = this.#members.expect(name, `the layer "${name}"`);
    const known = this.#layers.get(member) ?? (await look(name, member));
    this.#layers.set(member, known);
    const { mediaType, digest = expected, diffID = expected } = known;
    if (diffID !== expected)
      throw badArchive(`layer "${name}": expected diffID ${expected}, as the config has, found ${diffID}`);
    this.blobs.set(digest, member);
    return { mediaType, digest, size: member.size };
  }

  #document(bytes: Uint8Array, mediaType: string): Descriptor {
    const digest = sha256(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }
}

async function look(name: string, member: Member): Promise<FoundLayer> {
  const compression = compressionOfBytes(await firstBytes(member));
  if (compression === "plain") {
    const { digest } = member;
    return { mediaType: MediaType.layer, ...(digest && { digest, diffID: digest }) };
  }
  if (compression !== "gzip" && compression !== "zstd")
    throw badArchive(`layer "${name}": expected a tar, plain or in gzip or zstd, found ${compression}`);
  const mediaType = compression === "gzip" ? MediaType.layerGzip : MediaType.layerZstd;
  const digest = member.digest ?? (await digestOf(openMember(member)));
  return { mediaType, digest, diffID: await digestOf(decompress(openMember(member), { mediaType })) };
}

async function firstBytes(member: Member): Promise<Uint8Array> {
  for await (const chunk of openMember({ ...member, size: Math.min(member.size, 8) })) return chunk as Uint8Array;
  return new Uint8Array();
}

async function digestOf(content: Readable): Promise<Digest> {
  const digester = new Digester();
  for await (const chunk of content) digester.update(chunk as Uint8Array);
  return digester.digest;
}
