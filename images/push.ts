// Push: a copy from the local store into a registry. What came compressed goes as it is, the rest is compressed first.
// https://docs.docker.com/reference/cli/docker/image/push/

import { attestedImage, isAttestation, type Predicate, readPredicates } from "../attestations/index.js";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { layersOf } from "../executor/index.js";
import {
  compressionOf,
  copyImage,
  type Descriptor,
  formatReference,
  type Image,
  isIndex,
  isTag,
  parseReference,
  platformOfConfig,
  readBlob,
  readImage,
  type Reference,
} from "../oci/index.js";
import { type PlatformImage, type RegistryOutput, writeOutput } from "../outputs/index.js";
import type { Places } from "../places.js";
import { reportWork, type WorkReporter } from "../progress.js";
import { findImage } from "./find.js";
import { withIntactBlobs } from "./layers.js";
import { hasNoImages } from "./index-push.js";
import { noteRegistryDigest, type ImageTransferOptions } from "./pull.js";
import { refuseOverIndex } from "./push-over-index.js";
import { chooseImage, indexedManifests, isRunnable } from "./root.js";

export interface PushedImage {
  /** In full: `reg.example/app:1`. */
  readonly name: string;
  /** As the registry has it: with compressed layers, and so another digest than the store's. */
  readonly descriptor: Descriptor;
}

export interface PushImageOptions extends ImageTransferOptions {
  /** Another name to push to, with which an image may be pushed by its ID. @default the name of the image */
  readonly to?: string;
  /** How it is to be there. @default as it is, with what is not compressed as gzip */
  readonly form?: Pick<RegistryOutput, "compression" | "compressionLevel" | "forceCompression" | "ociMediaTypes">;
}

/**
 * Compresses what is not compressed yet, and uploads what the registry lacks. An image that came from a registry keeps its
 * digest.
 * @throws image_not_found, RegistryError; usage for an ID, which is no name in a registry, for an index without images, and
 * for an image that was pulled from an index, under the name of that index, unless `platform` is given
 */
export async function pushImage(
  store: Store,
  places: Pick<Places, "openRepository" | "openOrigin">,
  word: string,
  { platform, signal, emit, to, form }: PushImageOptions,
): Promise<PushedImage> {
  const { reference: own, descriptor: found } = await findImage(store, word);
  const reference = to === undefined ? own : targetOf(to);
  if (!reference) throw needsName(word);
  const name = formatReference(reference);
  return reportWork(emit, `push ${name}`, `pushing ${name}`, (report) =>
    withIntactBlobs(word, async () => {
      const chosen = platform === undefined ? found : (await chooseImage(store, found, platform)).descriptor;
      const cancel = signal ? { signal } : {};
      if (platform === undefined)
        await refuseOverIndex(store, await places.openRepository(reference), reference, found, cancel);
      const descriptor = await push(chosen, { store, places, reference, report, ...(form && { form }), ...cancel });
      noteRegistryDigest(store, found.digest, { ...reference, digest: descriptor.digest });
      return { name, descriptor };
    }),
  );
}

/** Pushes every name of a repository that the store has. @throws as `pushImage` */
export async function pushAllTags(
  store: Store,
  places: Pick<Places, "openRepository" | "openOrigin">,
  word: string,
  options: Omit<PushImageOptions, "to">,
): Promise<readonly PushedImage[]> {
  const { registry, repository } = parseReference(word);
  const names = store.names
    .list()
    .map(({ name }) => name)
    .filter((name) => {
      const reference = parseReference(name);
      return reference.registry === registry && reference.repository === repository && reference.tag !== undefined;
    });
  if (names.length === 0)
    throw new TsbuildError("image_not_found", `no image of the repository "${word}" in the store`, {
      hint: "List the images with: tsbuild images.",
    });
  const pushed: PushedImage[] = [];
  for (const name of names.sort()) pushed.push(await pushImage(store, places, name, options));
  return pushed;
}

interface Pushing {
  readonly store: Store;
  readonly places: Pick<Places, "openRepository" | "openOrigin">;
  readonly reference: Reference;
  readonly report: WorkReporter;
  readonly form?: PushImageOptions["form"];
  readonly signal?: AbortSignal;
}

async function push(root: Descriptor, pushing: Pushing): Promise<Descriptor> {
  const { store, places, reference, report, form, signal } = pushing;
  const images = await imagesOf(store, root);
  if (images.length === 0) throw hasNoImages(formatReference(reference));
  const cancel = signal ? { signal } : {};
  if (!form && images.every(isCompressed)) {
    await copyImage(root, store, await places.openRepository(reference), {
      ...(reference.tag !== undefined && { tag: reference.tag }),
      onProgress: (blob, current, total) => report.transfer(blob.digest, current, total),
      ...cancel,
    });
    return root;
  }
  const said = await attestationsOf(store, root);
  const assembled = await Promise.all(
    images.map(async (image) => ({
      ...(await assembledOf(store, image)),
      attestations: said.get(image.descriptor.digest) ?? [],
    })),
  );
  const writing = { ...places, store, tags: [reference], report, ...cancel };
  return (await writeOutput(assembled, { ...form, type: "registry" }, writing)).descriptor;
}

/** @throws blob_not_found when the store lacks a platform of the index */
async function imagesOf(store: Store, root: Descriptor): Promise<Image[]> {
  if (!isIndex(root.mediaType)) return [await readImage(store, root)];
  const manifests = (await indexedManifests(store, root)).filter(isRunnable);
  return Promise.all(manifests.map(({ descriptor }) => readImage(store, descriptor)));
}

/** What an index says of its images, by their digests: it is said anew of the manifests that are pushed. */
async function attestationsOf(store: Store, root: Descriptor): Promise<ReadonlyMap<string, readonly Predicate[]>> {
  if (!isIndex(root.mediaType)) return new Map();
  const found = (await indexedManifests(store, root)).filter(({ descriptor }) => isAttestation(descriptor));
  const said = found.map(
    async ({ descriptor }) => [attestedImage(descriptor) ?? "", await readPredicates(store, descriptor)] as const,
  );
  return new Map(await Promise.all(said));
}

function isCompressed({ manifest }: Image): boolean {
  return manifest.layers.every(({ mediaType }) => compressionOf(mediaType) !== "none");
}

async function assembledOf(store: Store, { descriptor, manifest, config }: Image): Promise<PlatformImage> {
  const platform = descriptor.platform ?? platformOfConfig(config);
  const configBytes = await readBlob(store, manifest.config);
  const layers = layersOf(manifest.layers, config);
  return { platform, image: { config, configBytes, configDescriptor: manifest.config, layers } };
}

/** @throws bad_reference for a digest */
function targetOf(to: string): Reference {
  const reference = parseReference(to);
  if (reference.digest === undefined) return reference;
  throw new TsbuildError("bad_reference", `expected a name with a tag to push to, found the digest in "${to}"`, {
    hint: "A digest is computed, not given: write NAME:TAG.",
  });
}

function needsName(word: string): TsbuildError {
  const hint = isTag(word)
    ? `Give it a name first: tsbuild tag ${word} REGISTRY/REPOSITORY:TAG.`
    : "Push it by a name.";
  return new TsbuildError("usage", `"${word}" is the ID of an image, expected a name to push it to`, { hint });
}
