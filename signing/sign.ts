// Signs images where they are, in a registry, and verifies what others signed.

import type { KeyObject } from "node:crypto";
import { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  formatReference,
  type ImageStore,
  isIndex,
  type Manifest,
  parseIndex,
  parseManifest,
  readBlob,
  type Reference,
} from "../oci/index.js";
import {
  type Claim,
  claimOf,
  type Document,
  isSignature,
  isSignedBy,
  parsePayload,
  payloadOf,
  signatureManifest,
  signatureTag,
  signedLayer,
} from "./signature.js";

export interface SignOptions {
  readonly key: KeyObject;
  /** Said together with the signature. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Sign the images of an index too. @default false */
  readonly recursive?: boolean;
}

/**
 * Adds a signature to those that an image has; a key signs an image once.
 * @returns the digests that were signed
 * @throws RegistryError
 */
export async function signImage(
  repository: ImageStore,
  reference: Reference,
  image: Descriptor,
  options: SignOptions,
): Promise<readonly Digest[]> {
  const images = [image];
  if (options.recursive && isIndex(image.mediaType))
    images.push(...parseIndex(await readBlob(repository, image)).manifests);
  for (const one of images) await signOne(repository, reference, one.digest, options);
  return images.map(({ digest }) => digest);
}

async function signOne(
  repository: ImageStore,
  reference: Reference,
  digest: Digest,
  { key, annotations = {} }: SignOptions,
): Promise<void> {
  const payload = payloadOf(claimOf(reference, digest), annotations);
  const known = (await signaturesOf(repository, digest))?.layers ?? [];
  for (const layer of known)
    if (
      isSignature(layer) &&
      Buffer.from(await readBlob(repository, layer)).equals(payload) &&
      isSignedBy(layer, payload, key)
    )
      return;
  const layer = signedLayer(payload, key);
  const { manifest, config } = signatureManifest([...known, layer.descriptor]);
  for (const blob of [layer, config]) await put(repository, blob);
  await repository.putManifest(manifest.descriptor, manifest.bytes, signatureTag(digest));
}

async function put(repository: ImageStore, { descriptor, bytes }: Document): Promise<void> {
  if (await repository.has(descriptor)) return;
  await repository.put(descriptor, Readable.from([Buffer.from(bytes)], { objectMode: false }));
}

async function signaturesOf(repository: ImageStore, digest: Digest): Promise<Manifest | undefined> {
  const root = await repository.resolve(signatureTag(digest));
  return root && parseManifest(await readBlob(repository, root));
}

/** What the signatures of a key that an image has say of it. */
export async function claimsBy(place: ImageStore, digest: Digest, key: KeyObject): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const layer of (await signaturesOf(place, digest))?.layers.filter(isSignature) ?? []) {
    const payload = await readBlob(place, layer);
    const claim = isSignedBy(layer, payload, key) ? parsePayload(payload) : undefined;
    if (claim?.digest === digest) claims.push(claim);
  }
  return claims;
}

export interface VerifiedImage {
  readonly digest: Digest;
  /** What was said together with each signature of the key. */
  readonly annotations: readonly unknown[];
}

export interface VerifyImageOptions {
  readonly key: KeyObject;
  /** What a signature must say. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The repository that a signature must be for; `any` does not ask. @default the image's own */
  readonly signedFor?: Reference | "any";
}

/**
 * Finds signatures of the key that are about this very image, in this repository.
 * @throws not_signed when there is none, and why
 */
export async function verifyImage(
  repository: ImageStore,
  reference: Reference,
  image: Descriptor,
  { key, annotations = {}, signedFor = reference }: VerifyImageOptions,
): Promise<VerifiedImage> {
  const layers = (await signaturesOf(repository, image.digest))?.layers.filter(isSignature) ?? [];
  if (layers.length === 0) throw notSigned(reference, image, "it has no signature");
  const claim = claimOf(signedFor === "any" ? reference : signedFor, image.digest);
  const said: unknown[] = [];
  let reason = "no signature of it was made by this key";
  for (const layer of layers) {
    const payload = await readBlob(repository, layer);
    if (!isSignedBy(layer, payload, key)) continue;
    const found = parsePayload(payload);
    if (found?.digest !== claim.digest) reason = `the signature of this key is of ${found?.digest ?? "something else"}`;
    else if (signedFor !== "any" && found.repository !== claim.repository)
      reason = `the signature of this key is for ${found.repository}`;
    else if (!includes(found.annotations, annotations)) reason = "no signature of this key has the annotations";
    else said.push(found.annotations);
  }
  if (said.length === 0) throw notSigned(reference, image, reason);
  return { digest: image.digest, annotations: said };
}

function includes(said: unknown, wanted: Readonly<Record<string, string>>): boolean {
  const values = (typeof said === "object" && said !== null ? said : {}) as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(values, name) && values[name] === value);
}

function notSigned(reference: Reference, { digest }: Descriptor, reason: string): TsbuildError {
  return new TsbuildError("not_signed", `"${formatReference(reference)}" (${digest}) is not verified: ${reason}`, {
    hint: reason.includes(" is for ")
      ? "If the image was copied from there, say so: --signed-for REPOSITORY."
      : "Do not use the image before you know who made it.",
  });
}
