// What an answer says of a manifest, by its head or by its bytes.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests

import { TsbuildError } from "../errors.js";
import { type Descriptor, isDigest, isIndex, isManifest, LARGEST_JSON, MediaType, sha256 } from "../oci/index.js";
import { bodyOf } from "./answer.js";
import type { RegistryResponse } from "./connection.js";
import { codingOf } from "./content-coding.js";

export const MANIFEST_TYPES = [
  MediaType.index,
  MediaType.manifest,
  MediaType.dockerManifestList,
  MediaType.dockerManifest,
].join(", ");

/** Manifests and indexes are not among a repository's blobs. */
export function isNamed({ mediaType }: Pick<Descriptor, "mediaType">): boolean {
  return isManifest(mediaType) || isIndex(mediaType);
}

/** What the head of an answer says of a manifest, if it says all. @throws bad_manifest */
export function described({ headers }: RegistryResponse): Descriptor | undefined {
  if (codingOf({ headers }) !== undefined) return undefined; // what is as long as it says is something else
  const mediaType = mediaTypeOf(headers["content-type"]);
  const digest = String(headers["docker-content-digest"]);
  const size = Number(headers["content-length"] ?? Number.NaN);
  return isDigest(digest) && size > 0 ? { mediaType, digest, size } : undefined;
}

/** Reads the body of an answer, and describes it. @throws bad_manifest also when it has more than 4 MiB (S-206) */
export async function measured(response: RegistryResponse): Promise<Descriptor & { readonly bytes: Buffer }> {
  const mediaType = mediaTypeOf(response.headers["content-type"]);
  const bytes = await readSmall(response);
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes };
}

/** @throws bad_manifest when the body has more than 4 MiB */
export async function readSmall({ body, url }: RegistryResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf({ method: "GET", url }, body)) {
    size += chunk.length;
    if (size > LARGEST_JSON)
      throw new TsbuildError("bad_manifest", `expected a manifest of at most ${LARGEST_JSON} bytes, found more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws digest_mismatch when `reference` is a digest, and not this one */
export function expectDigest<Found extends Descriptor>(manifest: Found, reference: string): Found {
  if (!isDigest(reference) || manifest.digest === reference) return manifest;
  throw new TsbuildError("digest_mismatch", `expected ${reference}, read ${manifest.digest} (${manifest.size} bytes)`);
}

function mediaTypeOf(contentType = ""): string {
  const mediaType = contentType.replace(/;.*/, "").trim();
  if (isNamed({ mediaType })) return mediaType;
  const hint = mediaType.includes("manifest.v1") ? { hint: "Push the image again with a client of this decade." } : {};
  throw new TsbuildError("bad_manifest", `expected an image manifest or index, found "${mediaType}"`, hint);
}
