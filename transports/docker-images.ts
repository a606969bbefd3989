// The images of a `docker save` archive, described as OCI images: what it has are configs and layers.
// https://github.com/moby/moby/blob/master/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format

import { createReadStream } from "node:fs";
import * as v from "valibot";
import { REF_NAME } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  Digester,
  formatReference,
  type Index,
  MediaType,
  parseImageConfig,
  parseReference,
  sha256,
} from "../oci/index.js";
import type { Member, Members } from "./archive-reader.js";

const manifestSchema = v.array(
  v.object({ Config: v.string(), RepoTags: v.nullish(v.array(v.string())), Layers: v.nullish(v.array(v.string())) }),
);
type DockerImage = v.InferOutput<typeof manifestSchema>[number];

export interface DockerArchive {
  readonly file: string;
  readonly members: Members;
  /** The whole of a small member. */
  readonly read: (member: Member) => Promise<Uint8Array>;
}

export interface DescribedImages {
  readonly index: Index;
  readonly blobs: ReadonlyMap<Digest, Member | Uint8Array>;
}

/** @param bytes manifest.json @throws bad_archive */
export async function dockerImages(bytes: Uint8Array, archive: DockerArchive): Promise<DescribedImages> {
  const blobs = new Map<Digest, Member | Uint8Array>();
  const manifests: Descriptor[] = [];
  for (const image of parse(bytes, archive.file)) {
    const manifest = await describe(image, archive, blobs);
    const names = (image.RepoTags ?? []).map((name) => formatReference(parseReference(name)));
    if (names.length === 0) manifests.push(manifest);
    for (const name of names) manifests.push({ ...manifest, annotations: { [REF_NAME]: name } });
  }
  return { index: { schemaVersion: 2, manifests }, blobs };
}

async function describe(
  image: DockerImage,
  archive: DockerArchive,
  blobs: Map<Digest, Member | Uint8Array>,
): Promise<Descriptor> {
  const configBytes = await archive.read(memberOf(archive, image.Config));
  const { rootfs } = parseImageConfig(configBytes);
  const names = image.Layers ?? [];
  if (names.length !== rootfs.diff_ids.length)
    throw bad(archive, `${rootfs.diff_ids.length} layers of ${image.Config}, found ${names.length}`);
  const layers: Descriptor[] = [];
  for (const [position, name] of names.entries()) {
    const member = memberOf(archive, name);
    const layer = await layerOf(archive.file, member, rootfs.diff_ids[position]!);
    blobs.set(layer.digest, member);
    layers.push(layer);
  }
  const config = put(blobs, configBytes, MediaType.config);
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers };
  return put(blobs, Buffer.from(JSON.stringify(manifest)), MediaType.manifest);
}

/** A plain layer is the one that the config names; whether its bytes are that, is seen when they are read. */
async function layerOf(file: string, { offset, size }: Member, diffID: Digest): Promise<Descriptor> {
  const content = size === 0 ? [] : createReadStream(file, { start: offset, end: offset + size - 1 });
  const digester = new Digester();
  let isGzip = false;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    if (digester.size === 0) isGzip = chunk[0] === 0x1f && chunk[1] === 0x8b;
    if (!isGzip) break;
    digester.update(chunk);
  }
  if (!isGzip) return { mediaType: MediaType.layer, digest: diffID, size };
  return { mediaType: MediaType.layerGzip, digest: digester.digest, size };
}

function put(blobs: Map<Digest, Member | Uint8Array>, bytes: Uint8Array, mediaType: string): Descriptor {
  const digest = sha256(bytes);
  blobs.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

function memberOf(archive: DockerArchive, name: string): Member {
  const member = archive.members.get(name);
  if (member !== undefined) return member;
  throw bad(archive, `"${name}", which manifest.json names, found none`);
}

function parse(bytes: Uint8Array, file: string): readonly DockerImage[] {
  const result = v.safeParse(manifestSchema, parseJson(bytes));
  if (result.success) return result.output;
  throw bad({ file }, "a list of images in manifest.json, found something else");
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function bad({ file }: Pick<DockerArchive, "file">, expected: string): TsbuildError {
  return new TsbuildError("bad_archive", `"${file}": expected ${expected}`);
}
