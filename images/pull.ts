// Pull: a copy from a registry into the local store.
// https://docs.docker.com/reference/cli/docker/image/pull/

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { imageNotFound } from "../inputs/index.js";
import {
  copyImage,
  type Descriptor,
  type Digest,
  formatFamiliar,
  formatReference,
  hexOf,
  parsePlatform,
  parseReference,
  readImage,
  type Reference,
} from "../oci/index.js";
import type { Places } from "../places.js";
import { type BuildFact, reportWork } from "../progress.js";
import { isDamage } from "./root.js";

export interface ImageTransferOptions {
  /** Of the images of an index. @default for pull this machine's, for push all */
  readonly platform?: string;
  readonly signal?: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
}

export interface PulledImage {
  /** In full: `docker.io/library/app:1`. */
  readonly name: string;
  /** The manifest of the platform, as the store has it now. */
  readonly descriptor: Descriptor;
  /** What the registry has under the name: of an index, the index's. */
  readonly digest: Digest;
  /** False when the name meant this image already. */
  readonly isNew: boolean;
}

/** Copies an image of one platform into the store, with all its blobs. @throws image_not_found, RegistryError */
export async function pullImage(
  store: Store,
  places: Pick<Places, "openRepository">,
  word: string,
  { platform, signal, emit }: ImageTransferOptions,
): Promise<PulledImage> {
  const reference = parseReference(word);
  const name = formatReference(reference);
  const before = store.names.get(name)?.digest;
  const cancel = signal ? { signal } : {};
  return reportWork(emit, `pull ${name}`, `pulling ${name}`, async (report) => {
    const repository = await places.openRepository(reference);
    const root = await repository.resolve(reference.digest ?? reference.tag!, cancel);
    if (!root) throw imageNotFound(word);
    const wanted = platform === undefined ? {} : { platform: parsePlatform(platform) };
    const { descriptor } = await readImage(repository, root, { ...wanted, ...cancel });
    const onProgress = (blob: Descriptor, current: number, total: number) =>
      report.transfer(blob.digest, current, total);
    await copyImage(descriptor, repository, store, { tag: name, onProgress, ...cancel });
    noteRegistryDigest(store, descriptor.digest, { ...reference, digest: root.digest });
    return { name, descriptor, digest: root.digest, isNew: before !== descriptor.digest };
  });
}

export interface PullAllOptions extends ImageTransferOptions {
  /** Told of each image when it is there: also of those before a failure. */
  readonly onPulled?: (image: PulledImage) => void;
}

/**
 * Pulls every tag of a repository, in the registry's order. A tag that is no image for the platform does not keep the others
 * from being pulled.
 * @throws as `pullImage`; once the others are there, for the tags that are no image, each named
 */
export async function pullAllTags(
  store: Store,
  places: Pick<Places, "openRepository">,
  word: string,
  { onPulled, ...options }: PullAllOptions,
): Promise<readonly PulledImage[]> {
  const reference = parseReference(word);
  const repository = await places.openRepository(reference);
  const tags = (await repository.tags?.()) ?? [];
  if (tags.length === 0) throw imageNotFound(word);
  const pulled: PulledImage[] = [];
  const failed: (readonly [name: string, error: TsbuildError])[] = [];
  for (const tag of tags) {
    const name = formatReference({ ...reference, tag });
    try {
      const image = await pullImage(store, places, name, options);
      pulled.push(image);
      onPulled?.(image);
    } catch (error) {
      if (!isBadTag(error)) throw error;
      failed.push([name, error]);
    }
  }
  if (failed.length > 0) throw notPulled(failed, tags.length);
  return pulled;
}

/** Whether the tag is at fault, not the registry: the next one may be good. */
function isBadTag(error: unknown): error is TsbuildError {
  return isDamage(error) || (error instanceof TsbuildError && /^(?:image|platform)_not_found$/.test(error.code));
}

function notPulled(failed: readonly (readonly [name: string, error: TsbuildError])[], all: number): TsbuildError {
  const reasons = failed.map(([name, { message }]) => `${formatFamiliar(parseReference(name))} (${message})`);
  return new TsbuildError(failed[0]![1].code, `${failed.length} of ${all} tags not pulled: ${reasons.join("; ")}`, {
    hint: failed.length < all ? "The other tags were pulled: see tsbuild images." : "Check what the tags stand for.",
    cause: failed[0]![1],
  });
}

/** The last digest of a repository is the one that counts. */
export function noteRegistryDigest(store: Store, digest: Digest, { tag: _, ...reference }: Reference): void {
  const known = store.registryDigests.get(hexOf(digest)) ?? [];
  const others = known.map(parseReference).filter((one) => !isSameRepository(one, reference));
  store.registryDigests.put(hexOf(digest), [...others, reference].map(formatReference).sort());
}

function isSameRepository(a: Reference, b: Reference): boolean {
  return a.registry === b.registry && a.repository === b.repository;
}
