// `tsbuild manifest`: indexes of images that were built one by one.

import * as images from "../images/index.js";
import { type Descriptor, type Index, isIndex, parseIndex, readBlob } from "../oci/index.js";
import type { RegistryOptions } from "../registry-options.js";
import type { BuildFact, OnEvent } from "../progress.js";
import { namesTransport, openSource, parseTransport } from "../transports/index.js";
import { TsbuildError } from "../errors.js";
import { type CommandOptions, withExistingStore, withStore } from "./with-store.js";

export interface ManifestOptions extends CommandOptions, RegistryOptions {
  readonly onEvent?: OnEvent;
}

/** @throws image_not_found, bad_reference, usage when the name is in use, or two images are for the same platform */
export const createManifest = (
  name: string,
  sources: readonly string[],
  options: ManifestOptions & images.CreateIndexOptions = {},
): Promise<Descriptor> =>
  withStore(options, (store, places) => images.createIndex(sourceOf(store, places, options), name, sources, options));

/** @throws image_not_found, usage when `name` is no index */
export const addToManifest = (
  name: string,
  image: string,
  options: ManifestOptions & images.AddToIndexOptions = {},
): Promise<Descriptor> =>
  withExistingStore(options, (store, places) =>
    images.addToIndex(sourceOf(store, places, options), name, image, options),
  );

/** @param which the digest of an image of the index, its platform or its name. @throws usage when there is none, bad_platform */
export const annotateManifest = (
  name: string,
  which: string,
  edits: images.IndexEntryEdits,
  options: ManifestOptions = {},
): Promise<Descriptor> => withExistingStore(options, (store) => images.annotateIndex(store, name, which, edits));

/** Annotations of the index itself. @throws image_not_found, usage when `name` is no index, or there are none */
export const annotateWholeManifest = (
  name: string,
  annotations: Readonly<Record<string, string>>,
  options: ManifestOptions = {},
): Promise<Descriptor> => withExistingStore(options, (store) => images.annotateWholeIndex(store, name, annotations));

/** Whether the store has an index of that name. @throws bad_reference */
export const manifestExists = (name: string, options: ManifestOptions = {}): Promise<boolean> =>
  withExistingStore(options, async (store) => {
    try {
      return isIndex((await images.findImage(store, name)).descriptor.mediaType);
    } catch (error) {
      if (error instanceof TsbuildError && error.code === "image_not_found") return false;
      throw error;
    }
  });

/** @throws usage when there is no such image in the index */
export const removeFromManifest = (name: string, which: string, options: ManifestOptions = {}): Promise<Descriptor> =>
  withExistingStore(options, (store) => images.removeFromIndex(store, name, which));

/** Takes the name of an index away; its images stay. @throws image_not_found, usage when `name` is no index */
export const removeManifest = (name: string, options: ManifestOptions = {}): Promise<images.Removal> =>
  withExistingStore(options, (store) => images.removeIndex(store, name));

/** @throws image_not_found, usage when `name` is no index, RegistryError */
export const pushManifest = (
  name: string,
  options: ManifestOptions & { readonly to?: string } = {},
): Promise<{ readonly name: string; readonly descriptor: Descriptor }> =>
  withExistingStore(options, (store, places) => {
    const emit = (fact: BuildFact) => options.onEvent?.({ time: Date.now(), ...fact });
    const { to } = options;
    return images.pushIndex(sourceOf(store, places, options), name, { emit, ...(to !== undefined && { to }) });
  });

/**
 * An index of the store, else of its registry.
 * @param word a name; `docker://NAME` for the registry alone, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`
 * @throws image_not_found, bad_manifest
 */
export const inspectManifest = (word: string, options: ManifestOptions = {}): Promise<Index> =>
  withExistingStore(options, async (store, { openRepository, trust }) => {
    const kept = namesTransport(word) ? undefined : await keptIndex(store, word);
    if (kept) return kept;
    const opening = { store, openRepository, trust, signal: options.signal };
    const { place, root } = await openSource(parseTransport(word), opening);
    return parseIndex(await readBlob(place, root));
  });

async function keptIndex(store: IndexStore, name: string): Promise<Index | undefined> {
  try {
    return (await images.readIndex(store, name)).index;
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "image_not_found") return undefined;
    throw error;
  }
}

type IndexStore = Parameters<typeof images.readIndex>[0];

function sourceOf(
  store: IndexStore,
  places: Parameters<typeof images.createIndex>[0]["places"],
  { signal }: CommandOptions,
) {
  return { store, places, ...(signal && { signal }) };
}
