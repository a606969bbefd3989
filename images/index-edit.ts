// Image indexes made by hand: images that several machines built, joined under one name.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  formatPlatform,
  formatReference,
  hexOf,
  type Index,
  isIndex,
  matchPlatform,
  normalizePlatform,
  MediaType,
  parseIndex,
  parsePlatform,
  parseReference,
  type Platform,
  readBlob,
  sha256,
} from "../oci/index.js";
import { findImage } from "./find.js";
import { editedEntry, editsPlatform, type IndexEntryEdits } from "./index-entry.js";
import { type IndexSource, indexedSource } from "./index-source.js";
import { describeRoot } from "./root.js";
import { type Removal, removeImage } from "./tag.js";

export interface CreateIndexOptions {
  /** Whether an index of that name is replaced; else that is an error. @default false */
  readonly amend?: boolean;
  /** Of the index itself. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Makes an index of images of the store or of registries. Of an index, all its images are taken.
 * @returns the new index
 * @throws image_not_found, bad_reference, usage when the name is in use, or two images are for the same platform
 */
export async function createIndex(
  source: IndexSource,
  name: string,
  images: readonly string[],
  { amend = false, annotations = {} }: CreateIndexOptions = {},
): Promise<Descriptor> {
  const { store } = source;
  if (store.names.get(nameOf(name)) && !amend)
    throw new TsbuildError("usage", `the name "${name}" is in use`, {
      hint: "Replace what it stands for with --amend, or add to it: tsbuild manifest add.",
    });
  const found: Source[] = [];
  for (const image of images) found.push(...(await indexedSource(source, image)).map((entry) => ({ image, entry })));
  refuseTwins(found);
  const manifests = withoutTwins(found.map(({ entry }) => entry));
  return keep(store, name, annotated({ schemaVersion: 2, mediaType: MediaType.index, manifests }, annotations));
}

export interface AddToIndexOptions extends IndexEntryEdits {
  /** Called for each image that another one of the same platform took the place of. */
  readonly onReplaced?: (entry: ReplacedEntry) => void;
}

export interface ReplacedEntry {
  readonly digest: Digest;
  /** `linux/arm64/v8` */
  readonly platform: string;
}

/** Adds an image; one of the same platform is replaced. @throws image_not_found, usage when `name` is no index */
export async function addToIndex(
  source: IndexSource,
  name: string,
  image: string,
  { onReplaced, ...edits }: AddToIndexOptions = {},
): Promise<Descriptor> {
  const { index } = await readIndex(source.store, name);
  const added = await indexedSource(source, image);
  if (added.length > 1 && editsPlatform(edits))
    throw new TsbuildError("usage", `"${image}" has ${added.length} images, expected one to give a platform to`, {
      hint: "Add its images one by one, by NAME@DIGEST, each with its platform.",
    });
  const edited = added.map((descriptor) => editedEntry(descriptor, edits));
  const manifests = withoutTwins([...index.manifests, ...edited]);
  const kept = new Set(manifests.map(({ digest }) => digest));
  const replaced = [...index.manifests, ...edited].filter(
    (entry) => subjectOf(entry) === undefined && !kept.has(entry.digest),
  );
  const result = await keep(source.store, name, { ...index, manifests });
  for (const entry of replaced) onReplaced?.({ digest: entry.digest, platform: slotOf(entry) });
  return result;
}

/**
 * @param which the digest of an image of the index, its platform or its name
 * @throws usage when there is none, when another one is for the same platform, or when there is nothing to change; bad_platform
 */
export async function annotateIndex(
  store: Store,
  name: string,
  which: string,
  edits: IndexEntryEdits,
): Promise<Descriptor> {
  if (!editsPlatform(edits) && Object.keys(edits.annotations ?? {}).length === 0) throw changesNothing(which);
  const { index } = await readIndex(store, name);
  const chosen = await entryOf(store, index, { name, which });
  const manifests = index.manifests.map((entry) => (entry === chosen ? editedEntry(entry, edits) : entry));
  refuseTwins(manifests.map((entry) => ({ image: entry.digest, entry })));
  return keep(store, name, { ...index, manifests });
}

function changesNothing(which: string): TsbuildError {
  return new TsbuildError("usage", `expected something to change of "${which}", found nothing`, {
    hint: "Give --annotation KEY=VALUE; of an image also --platform, --os, --arch, --variant, --os-version, --os-features.",
  });
}

/** @throws image_not_found, usage when `name` is no index, or when there is nothing to say */
export async function annotateWholeIndex(
  store: Store,
  name: string,
  annotations: Readonly<Record<string, string>>,
): Promise<Descriptor> {
  if (Object.keys(annotations).length === 0) throw changesNothing(name);
  return keep(store, name, annotated((await readIndex(store, name)).index, annotations));
}

function annotated(index: Index, added: Readonly<Record<string, string>>): Index {
  const annotations = { ...index.annotations, ...added };
  return Object.keys(annotations).length > 0 ? { ...index, annotations } : index;
}

/** Takes an image out, with what is said of it. @throws usage when there is none */
export async function removeFromIndex(store: Store, name: string, which: string): Promise<Descriptor> {
  const { index } = await readIndex(store, name);
  const chosen = await entryOf(store, index, { name, which });
  const manifests = index.manifests.filter((entry) => entry !== chosen && subjectOf(entry) !== chosen.digest);
  return keep(store, name, { ...index, manifests });
}

/** Takes the name of an index away. @throws image_not_found, usage when the name is that of one image */
export async function removeIndex(store: Store, name: string): Promise<Removal> {
  await readIndex(store, name);
  return removeImage(store, name);
}

/** @throws image_not_found, usage when the name is that of one image */
export async function readIndex(
  store: Store,
  name: string,
): Promise<{ readonly descriptor: Descriptor; readonly index: Index }> {
  const { descriptor } = await findImage(store, name);
  if (isIndex(descriptor.mediaType)) return { descriptor, index: parseIndex(await readBlob(store, descriptor)) };
  throw new TsbuildError("usage", `"${name}" is one image, expected an index of images`, {
    hint: `Make one of it: tsbuild manifest create NEW_NAME ${name}.`,
  });
}

async function keep(store: Store, name: string, index: Index): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify({ ...index, mediaType: MediaType.index }));
  const descriptor = { mediaType: MediaType.index, digest: sha256(bytes), size: bytes.length };
  await store.putManifest(descriptor, bytes, nameOf(name));
  return descriptor;
}

function nameOf(name: string): string {
  return formatReference(parseReference(name));
}

/** An entry, and the image that was asked for it. */
interface Source {
  readonly image: string;
  readonly entry: Descriptor;
}

/** @throws usage when two images would have the same place */
function refuseTwins(sources: readonly Source[]): void {
  const taken = new Map<string, Source>();
  for (const source of sources.filter(({ entry }) => subjectOf(entry) === undefined)) {
    const slot = slotOf(source.entry);
    const other = taken.get(slot);
    if (other && other.entry.digest !== source.entry.digest)
      throw new TsbuildError("usage", `"${other.image}" and "${source.image}" both have an image for ${slot}`, {
        hint: "Leave one of them out, or add it for another platform: tsbuild manifest add --platform.",
      });
    taken.set(slot, source);
  }
}

/** An index has one image for a platform, however that is spelled, and as many as there are without one. */
function slotOf({ platform, digest }: Descriptor): string {
  return platform ? formatPlatform(normalizePlatform(platform)) : hexOf(digest);
}

/** Of several images for one platform the last one counts; attestations go with their image. */
function withoutTwins(entries: readonly Descriptor[]): Descriptor[] {
  const images = new Map<string, Descriptor>();
  for (const entry of entries.filter((one) => subjectOf(one) === undefined)) images.set(slotOf(entry), entry);
  const digests = new Set([...images.values()].map(({ digest }) => digest as string));
  const said = entries.filter((entry) => digests.has(subjectOf(entry) ?? ""));
  return [...images.values(), ...new Map(said.map((entry) => [entry.digest, entry])).values()];
}

/** The digest of the image that an attestation is about. */
function subjectOf({ annotations = {} }: Descriptor): string | undefined {
  return annotations["vnd.docker.reference.digest"];
}

interface Wanted {
  /** Of the index. */
  readonly name: string;
  /** A digest or the beginning of one, a platform, or the name of an image of the store. */
  readonly which: string;
}

async function entryOf(store: Store, { manifests }: Index, { name, which }: Wanted): Promise<Descriptor> {
  const images = manifests.filter((entry) => subjectOf(entry) === undefined);
  const found = await findEntry(store, images, which);
  if (found) return found;
  const known = images.map(({ platform, digest }) => (platform ? formatPlatform(platform) : digest));
  throw new TsbuildError("usage", `"${name}" has no image for "${which}"`, {
    hint: known.length === 0 ? "It has no images: add one." : `Choose one of ${known.join(", ")}.`,
  });
}

async function findEntry(store: Store, images: readonly Descriptor[], which: string): Promise<Descriptor | undefined> {
  if (which.startsWith("sha256:")) return images.find(({ digest }) => digest.startsWith(which));
  const platform = platformIn(which);
  if (platform) return bestOf(images, platform);
  const { descriptor } = await findImage(store, which);
  const { imageIds } = await describeRoot(store, descriptor);
  for (const entry of images) {
    const [own] = (await describeRoot(store, entry)).imageIds;
    if (entry.digest === descriptor.digest || (own !== undefined && imageIds.includes(own))) return entry;
  }
  return undefined;
}

/** Undefined for what is no platform: a name. */
function platformIn(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "bad_platform") return undefined;
    throw error;
  }
}

function bestOf(images: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  return images.find(({ platform }) => platform !== undefined && matchPlatform(wanted, platform) === 0);
}
