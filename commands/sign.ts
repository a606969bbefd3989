// `tsbuild sign` and `tsbuild verify`: images of registries, and the keys of their makers.

import { imageNotFound } from "../inputs/index.js";
import {
  type Descriptor,
  type Digest,
  formatReference,
  type ImageStore,
  parseReference,
  type Reference,
} from "../oci/index.js";
import { type CommandOptions, withStore } from "./with-store.js";
import type { RegistryOptions } from "../registry-options.js";
import { privateKey, publicKey, signImage, type VerifiedImage, verifyImage } from "../signing/index.js";

export interface SigningOptions extends CommandOptions, RegistryOptions {
  /** A file with a key, or `env://NAME` for one in the environment. */
  readonly key: string;
  /** For sign: said together with the signature. For verify: what a signature must say. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface VerifyingOptions extends SigningOptions {
  /** The repository that a signature must be for, when the image was copied; `any` does not ask. @default the image's own */
  readonly signedFor?: string;
}

/**
 * Signs an image of a registry, and beside it keeps the signatures of others.
 * @returns the digests that were signed, in full: `reg.example/app@sha256:…`
 * @throws bad_key, image_not_found, RegistryError
 */
export function signRemoteImage(
  name: string,
  options: SigningOptions & { readonly recursive?: boolean },
): Promise<readonly string[]> {
  const key = privateKey(options.key);
  return withImage(name, options, async (repository, reference, image) => {
    const { annotations = {}, recursive = false } = options;
    const digests = await signImage(repository, reference, image, { key, annotations, recursive });
    return digests.map((digest) => formatDigest(reference, digest));
  });
}

/** @throws not_signed, bad_key, image_not_found, RegistryError */
export function verifyRemoteImage(
  name: string,
  options: VerifyingOptions,
): Promise<VerifiedImage & { readonly name: string }> {
  const key = publicKey(options.key);
  return withImage(name, options, async (repository, reference, image) => {
    const { annotations = {}, signedFor } = options;
    const place = signedFor === "any" ? "any" : parseReference(signedFor ?? name);
    const verified = await verifyImage(repository, reference, image, { key, annotations, signedFor: place });
    return { ...verified, name: formatDigest(reference, verified.digest) };
  });
}

async function withImage<Value>(
  name: string,
  options: CommandOptions & RegistryOptions,
  work: (repository: ImageStore, reference: Reference, image: Descriptor) => Promise<Value>,
): Promise<Value> {
  const reference = parseReference(name);
  return withStore(options, async (_store, { openRepository }) => {
    const repository = await openRepository(reference);
    const image = await repository.resolve(reference.digest ?? reference.tag!);
    if (!image) throw imageNotFound(name);
    return work(repository, reference, image);
  });
}

function formatDigest({ registry, repository }: Reference, digest: Digest): string {
  return formatReference({ registry, repository, digest });
}
