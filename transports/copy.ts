// Copies an image from place to place as it is: blobs keep their bytes and manifests their digests.

import {
  copyImage,
  type CopyImageOptions,
  type Descriptor,
  type Digest,
  type ImageStore,
  isIndex,
  parseIndex,
  readBlob,
} from "../oci/index.js";

export interface TransferOptions extends Omit<CopyImageOptions, "tag"> {
  /** The name of the image where it is copied to. */
  readonly tag: string;
  /** Copy what is about the image too: its signatures and attestations. @default false */
  readonly referrers?: boolean;
}

/** Where cosign keeps what is about a manifest: under tags. */
const COSIGN_SUFFIXES = ["sig", "att", "sbom"];

/** @returns how many manifests about the image were copied */
export async function transfer(
  root: Descriptor,
  from: ImageStore,
  to: ImageStore,
  { tag, referrers = false, ...options }: TransferOptions,
): Promise<number> {
  await copyImage(root, from, to, { ...options, tag });
  if (!referrers) return 0;
  let count = 0;
  for (const subject of await subjects(root, from, options)) count += await copyAbout(subject, from, to, options);
  return count;
}

/** The root, and of an index what it lists. */
async function subjects(root: Descriptor, from: ImageStore, { signal }: CopyImageOptions): Promise<Digest[]> {
  if (!isIndex(root.mediaType)) return [root.digest];
  const { manifests } = parseIndex(await readBlob(from, root, signal ? { signal } : {}));
  return [root.digest, ...manifests.map(({ digest }) => digest)];
}

/** What is about `subject`, and what is about that: an attestation may be signed itself. */
async function copyAbout(
  subject: Digest,
  from: ImageStore,
  to: ImageStore,
  options: CopyImageOptions,
): Promise<number> {
  let count = 0;
  for (const { mediaType, digest, size } of (await from.referrers?.(subject)) ?? []) {
    await copyImage({ mediaType, digest, size }, from, to, options);
    count += 1 + (await copyAbout(digest, from, to, options));
  }
  for (const tag of COSIGN_SUFFIXES.map((suffix) => `${subject.replace(":", "-")}.${suffix}`)) {
    const found = await from.resolve(tag);
    if (found === undefined) continue;
    await copyImage(found, from, to, { ...options, tag });
    count += 1;
  }
  return count;
}
