// Pull: a copy from a registry into the local store.
// https://docs.docker.com/reference/cli/docker/image/pull/

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { imageNotFound } from "../inputs/index.js";
import {
  type BlobStore,
  copyImage,
  type Descriptor,
  type Digest,
  formatFamiliar,
  formatPlatform,
  formatReference,
  hexOf,
  hostPlatform,
  matchPlatform,
  parseAskedPlatform,
  parseReference,
  type Platform,
  platformOfConfig,
  readImage,
  type Reference,
} from "../oci/index.js";
import type { Places } from "../places.js";
import { type BuildFact, reportWork } from "../progress.js";
import { chooseImage, isDamage, isWhole } from "./root.js";

export interface ImageTransferOptions {
  /** Of the images of an index. @default for pull this machine's, for push all */
  readonly platform?: string;
  readonly signal?: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
}

export interface PulledImage {
  /** In full: `docker.io/library/app:1`. Absent for one of an archive or a layout that has no name there. */
  readonly name?: string;
  /** The digest of the config. */
  readonly imageId: Digest;
  /** `linux/amd64` */
  readonly platform: string;
  /** The platform that was meant, when the image is for another one. */
  readonly expected?: string;
  /** The manifest of the platform, as the store has it now. */
  readonly descriptor: Descriptor;
  /** What the registry has under the name: of an index, the index's. */
  readonly digest: Digest;
  /** False when the name meant this image already. */
  readonly isNew: boolean;
}

/** When an image is asked for that the store may have: as for podman and buildah. */
export type PullPolicy = "always" | "missing" | "never" | "newer";

export interface PullOptions extends ImageTransferOptions {
  /**
   * `missing`: only when the store has no image of that name and platform. `never`: it has to be there. `newer`: when the registry
   * has another one; a pull that fails is no error when one is there. @default always
   */
  readonly policy?: PullPolicy;
}

/** Copies an image of one platform into the store, with all its blobs. @throws image_not_found, RegistryError */
export async function pullImage(
  store: Store,
  places: Pick<Places, "openRepository" | "trust">,
  word: string,
  { policy = "always", ...options }: PullOptions,
): Promise<PulledImage> {
  const reference = parseReference(word);
  const here = policy === "always" ? undefined : await keptImage(store, reference, options.platform);
  if (here && policy !== "newer") return here;
  if (policy === "never")
    throw new TsbuildError("image_not_found", `no image "${word}" in the store, and it is not to be pulled`, {
      hint: "Drop --policy=never, or load or build the image first.",
    });
  const source = { name: formatReference(reference), open: () => openRemote(places, word, options) };
  const pulled = takeImage(store, source, options);
  return here ? pulled.catch((error: unknown) => (isOfPull(error) ? here : Promise.reject(error))) : pulled;
}

async function openRemote(
  { openRepository, trust }: Pick<Places, "openRepository" | "trust">,
  word: string,
  { signal }: ImageTransferOptions,
): Promise<OpenedImage> {
  const reference = parseReference(word);
  const permit = await trust.permit({ transport: "docker", reference });
  const place = await openRepository(reference);
  const root = await place.resolve(reference.digest ?? reference.tag!, signal ? { signal } : {});
  if (root) return { place: await permit.admit(place, root), root, reference };
  throw imageNotFound(word);
}

/** Whether the pull is at fault, not who asked for it. */
function isOfPull(error: unknown): boolean {
  return error instanceof TsbuildError && error.code !== "interrupted";
}

/** What the store has under a name, for the platform. */
async function keptImage(store: Store, reference: Reference, platform?: string): Promise<PulledImage | undefined> {
  const name = formatReference(reference);
  const root = store.names.get(name);
  if (!root || !(await isWhole(store, root))) return undefined;
  const { descriptor, manifest, config } = await chooseImage(store, root);
  const known = { name, imageId: manifest.config.digest, descriptor, digest: descriptor.digest, isNew: false };
  const fit = fitOf(platformOfConfig(config), platform);
  return fit.expected === undefined ? { ...known, ...fit } : undefined;
}

/** An image, and where it is. */
export interface OpenedImage {
  readonly place: BlobStore;
  readonly root: Descriptor;
  /** Of a registry. */
  readonly reference?: Reference;
  /** In full. */
  readonly name?: string | undefined;
}

/** Copies one image of what was opened into the store, under its name if it has one. @throws platform_not_found */
export async function takeImage(
  store: Store,
  { name: label, open }: { readonly name: string; readonly open: () => Promise<OpenedImage> },
  { platform, signal, emit }: ImageTransferOptions,
): Promise<PulledImage> {
  const cancel = signal ? { signal } : {};
  return reportWork(emit, `pull ${label}`, `pulling ${label}`, async (report) => {
    const { place, root, reference, name = reference && formatReference(reference) } = await open();
    const before = name === undefined ? store.names.byDigest(root.digest) : store.names.get(name);
    const wanted = platform === undefined ? {} : { platform: parseAskedPlatform(platform) };
    const { descriptor, manifest, config } = await readImage(place, root, { ...wanted, ...cancel });
    const onProgress = (blob: Descriptor, current: number, total: number) =>
      report.transfer(blob.digest, current, total);
    await copyImage(descriptor, place, store, { ...(name !== undefined && { tag: name }), onProgress, ...cancel });
    if (name === undefined) await store.names.keep(descriptor);
    if (reference) noteRegistryDigest(store, descriptor.digest, { ...reference, digest: root.digest });
    return {
      ...(name !== undefined && { name }),
      imageId: manifest.config.digest,
      ...fitOf(platformOfConfig(config), platform),
      descriptor,
      digest: root.digest,
      isNew: before?.digest !== descriptor.digest,
    };
  });
}

/** A manifest that is no index may be for any platform: it is taken, and told. */
function fitOf(offered: Platform, asked: string | undefined): Pick<PulledImage, "platform" | "expected"> {
  const wanted = asked === undefined ? hostPlatform() : parseAskedPlatform(asked);
  const isMeant = matchPlatform(wanted, offered) !== undefined;
  return { platform: formatPlatform(offered), ...(isMeant ? {} : { expected: formatPlatform(wanted) }) };
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
  places: Pick<Places, "openRepository" | "trust">,
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
