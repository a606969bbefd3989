// The images of the store, as a list that can be filtered.
// https://docs.docker.com/reference/cli/docker/image/ls/#filter

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  formatFamiliar,
  hexOf,
  isIndex,
  parseReference,
  type Reference,
} from "../oci/index.js";
import { findImage } from "./find.js";
import { matchesReference } from "./pattern.js";
import { chooseImage, describeRoot, idOf, isDamage, isRunnable, isWhole, type Root } from "./root.js";

export interface ImageSummary {
  /** As docker shows it: `app:1`. Absent for an image that has no name. */
  readonly name?: string;
  /** The manifest, or the index of several platforms. */
  readonly descriptor: Descriptor;
  /** The digest of the config, of an index of several images its own. Absent when the store has lost the manifest or the config. */
  readonly imageId?: Digest;
  /** RFC 3339. */
  readonly created?: string;
  /** Bytes of all blobs of the chosen platform, as the store has them. */
  readonly size: number;
  /** By which the registry of this name knows the image: `app@sha256:…`. Absent before it was pulled or pushed. */
  readonly registryDigest?: string;
  /** Of an index: `linux/amd64`, `linux/arm64`. Absent for the image of one platform. */
  readonly platforms?: readonly string[];
}

export interface ListFilters {
  /** Names to show, of which one must match: `app`, `app:1`, or patterns with `*`, `?` and `[a-z]`. @default all */
  readonly references?: readonly string[];
  /** Only images without a name, or only those with one. @default both */
  readonly dangling?: boolean;
  /** `name` or `name=value`; all must be there. @default [] */
  readonly labels?: readonly string[];
  /** Images made before this one: a name or ID. */
  readonly before?: string;
  /** Images made after this one. */
  readonly since?: string;
  /** Images made before this time: milliseconds since 1970. */
  readonly until?: number;
  /** The beginning of their ID. */
  readonly id?: string;
}

interface Listed extends ImageSummary {
  readonly labels: Readonly<Record<string, string>>;
}

/** Newest first, then by name. @throws image_not_found for `before` and `since` */
export async function listImages(store: Store, filters: ListFilters = {}): Promise<readonly ImageSummary[]> {
  const [before, since] = [await createdOf(store, filters.before), await createdOf(store, filters.since)];
  const wanted = await withoutTwins(store, entries(store, filters));
  const listed = await Promise.all(wanted.map((entry) => summarize(store, entry)));
  const chosen = listed.filter(
    (image) =>
      hasLabels(image, filters.labels ?? []) &&
      (before === undefined || timeOf(image) < before) &&
      (since === undefined || timeOf(image) > since) &&
      (filters.until === undefined || timeOf(image) < filters.until) &&
      (filters.id === undefined || isIdOf(image, filters.id)),
  );
  return chosen.sort(newestFirst).map(({ labels: _, ...summary }) => summary);
}

interface NameEntry {
  readonly reference?: Reference;
  readonly descriptor: Descriptor;
}

/** Names that match, and images without one. */
function entries(store: Store, { references = [], dangling }: ListFilters): NameEntry[] {
  const named = store.names.list().map(({ name, descriptor }) => ({ reference: parseReference(name), descriptor }));
  const known = new Set(named.map(({ descriptor }) => descriptor.digest));
  const unnamed = store.names.manifests().filter(({ digest }) => !known.has(digest));
  const isWanted = ({ reference }: { readonly reference: Reference }) =>
    references.length === 0 || references.some((pattern) => matchesReference(pattern, reference));
  return [
    ...(dangling === true ? [] : named.filter(isWanted)),
    ...(dangling === false || references.length > 0 ? [] : unnamed.map((descriptor) => ({ descriptor }))),
  ];
}

/**
 * Without the unnamed images that are another form of a named one (the same config, with other compression), and without
 * those whose blobs were pruned.
 */
async function withoutTwins(store: Store, all: readonly NameEntry[]): Promise<readonly NameEntry[]> {
  if (all.every(({ reference }) => reference !== undefined)) return all;
  const named = await Promise.all(store.names.list().map(({ descriptor }) => describeRoot(store, descriptor)));
  const known = new Set(named.flatMap(({ imageIds }) => imageIds));
  const kept = await Promise.all(
    all.map(async (entry) => {
      if (entry.reference !== undefined) return [entry];
      const { imageIds } = await describeRoot(store, entry.descriptor);
      const isTwin = imageIds.length > 0 && imageIds.every((id) => known.has(id));
      return isTwin || !(await isWhole(store, entry.descriptor)) ? [] : [entry];
    }),
  );
  return kept.flat();
}

async function summarize(store: Store, { reference, descriptor }: NameEntry): Promise<Listed> {
  const { mediaType, digest, size } = descriptor;
  const root = await describeRoot(store, descriptor);
  const platforms = root.manifests.filter(isRunnable).map(({ platform }) => platform!);
  const registryDigest = reference && registryDigestOf(store, digest, reference);
  return {
    descriptor: { mediaType, digest, size },
    ...(reference && { name: formatFamiliar(reference) }),
    ...(registryDigest !== undefined && { registryDigest }),
    ...(isIndex(mediaType) && { platforms }),
    ...(await contentOf(store, descriptor, root)),
  };
}

async function contentOf(
  store: Store,
  descriptor: Descriptor,
  root: Root,
): Promise<Pick<Listed, "imageId" | "created" | "size" | "labels">> {
  try {
    const { manifest, config } = await chooseImage(store, descriptor);
    const size = manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size);
    const { created } = config;
    const labels = config.config.Labels ?? {};
    return { imageId: idOf(descriptor, root), ...(created !== undefined && { created }), size, labels };
  } catch (error) {
    if (isDamage(error)) return { size: 0, labels: {} };
    if (hasNoImage(error)) return { imageId: descriptor.digest, size: 0, labels: {} };
    throw error;
  }
}

/** Of an index that lists no image, or none that the store has. */
function hasNoImage(error: unknown): boolean {
  return error instanceof TsbuildError && error.code === "platform_not_found";
}

/** `app@sha256:…`, of the repository of this name. */
function registryDigestOf(store: Store, digest: Digest, { registry, repository }: Reference): string | undefined {
  const known = store.registryDigests.get(hexOf(digest)) ?? [];
  const same = known.map(parseReference).find((one) => one.registry === registry && one.repository === repository);
  return same && formatFamiliar(same);
}

async function createdOf(store: Store, word: string | undefined): Promise<number | undefined> {
  if (word === undefined) return undefined;
  const { config } = await chooseImage(store, (await findImage(store, word)).descriptor);
  return timeOf(config);
}

/** Milliseconds since 1970; 0 when it is not known. */
function timeOf({ created }: { readonly created?: string }): number {
  return created === undefined ? 0 : Date.parse(created) || 0;
}

function isIdOf({ imageId, descriptor }: ImageSummary, wanted: string): boolean {
  const hex = wanted.replace(/^sha256:/, "");
  return [imageId ?? "", descriptor.digest].some((id) => id.replace(/^sha256:/, "").startsWith(hex));
}

function hasLabels({ labels }: Listed, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const at = text.indexOf("=");
    return at < 0 ? text in labels : labels[text.slice(0, at)] === text.slice(at + 1);
  });
}

function newestFirst(a: Listed, b: Listed): number {
  return timeOf(b) - timeOf(a) || ((a.name ?? "~") < (b.name ?? "~") ? -1 : 1);
}
