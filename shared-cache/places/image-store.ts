// A cache in a registry or in an image layout: a manifest whose config is the index and whose layers are the blobs. Any
// registry that takes images takes it. An image with an inline cache is read too.
// https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage

import { Readable } from "node:stream";
import { TsbuildError } from "../../errors.js";
import {
  type BlobStore,
  type Descriptor,
  type ImageStore,
  isDigest,
  isIndex,
  type Manifest,
  MediaType,
  parseIndex as parseImageIndex,
  parseManifest,
  type Platform,
  readBlob,
  readImage,
  type Reference,
  sha256,
} from "../../oci/index.js";
import { refuseBuildkitCache } from "../buildkit.js";
import { CACHE_TYPE, type CacheIndex, encodeIndex, expectScope, parseIndex } from "../format.js";
import { readInline } from "../inline.js";
import type { CachePlace, PlaceOptions } from "../place.js";

export interface ImageStoreCacheOptions {
  readonly name: string;
  readonly store: ImageStore;
  /** Tag, or digest for reading. */
  readonly tag: string;
  readonly scope: string;
  readonly reference?: Reference;
  /** Which image of an index has the inline cache. */
  readonly platform?: Platform;
}

export class ImageStoreCache implements CachePlace {
  readonly name: string;
  readonly scope: string;
  readonly reference?: Reference;
  readonly #options: ImageStoreCacheOptions;

  constructor(options: ImageStoreCacheOptions) {
    this.name = options.name;
    this.scope = options.scope;
    if (options.reference) this.reference = options.reference;
    this.#options = options;
  }

  get blobs(): BlobStore {
    return this.#options.store;
  }

  async readIndex(options: PlaceOptions): Promise<CacheIndex | undefined> {
    const { store, tag } = this.#options;
    const root = await store.resolve(tag, options);
    if (!root) return undefined;
    const bytes = await readBlob(store, root, options);
    refuseBuildkitCache(isIndex(root.mediaType) ? parseImageIndex(bytes).manifests : [parseManifest(bytes).config]);
    if (isIndex(root.mediaType)) return this.#readImage(root, options);
    const manifest = parseManifest(bytes);
    switch (manifest.config.mediaType) {
      case CACHE_TYPE:
        return expectScope(parseIndex(await readBlob(store, manifest.config, options), layersOf(manifest)), this.scope);
      case MediaType.config:
      case MediaType.dockerConfig:
        return readInline(manifest, await readBlob(store, manifest.config, options), this.name);
      default:
        throw new TsbuildError(
          "bad_manifest",
          `expected a cache that tsbuild wrote, found a manifest of "${manifest.config.mediaType}"`,
          { hint: "Give the cache of tsbuild another name than that of another builder." },
        );
    }
  }

  async #readImage(root: Descriptor, options: PlaceOptions): Promise<CacheIndex> {
    const { store, platform } = this.#options;
    const image = await readImage(store, root, { ...options, ...(platform && { platform }) });
    return readInline(image.manifest, await readBlob(store, image.manifest.config, options), this.name);
  }

  async writeIndex(index: CacheIndex, { signal }: PlaceOptions): Promise<void> {
    const { store, tag } = this.#options;
    if (isDigest(tag))
      throw new TsbuildError("usage", `a cache is written under a tag, found "${tag}"`, {
        hint: "Give a reference with a tag, and no digest.",
      });
    const bytes = encodeIndex(index, false);
    const config = { mediaType: CACHE_TYPE, digest: sha256(bytes), size: bytes.length };
    if (!(await store.has(config))) await store.put(config, Readable.from([bytes]), signal ? { signal } : {});
    const manifest = Buffer.from(JSON.stringify(manifestOf(config, index)));
    const { manifest: mediaType } = MediaType;
    await store.putManifest({ mediaType, digest: sha256(manifest), size: manifest.length }, manifest, tag);
  }

  async mount(blob: Descriptor, from: Reference): Promise<boolean> {
    const { reference } = this;
    if (from.registry !== reference?.registry) return false;
    if (from.repository === reference.repository) return true;
    return (await this.#options.store.mount?.(blob, from.repository)) ?? false;
  }
}

/** The blobs that records name come first; inputs after them, so that no registry takes them for garbage. */
function manifestOf(config: Descriptor, index: CacheIndex): Manifest {
  const inputs = index.groups.flatMap((group) => group.inputs ?? []);
  return {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config,
    layers: [...index.layers, ...inputs.filter(isFirst)],
  };
}

function isFirst(blob: Descriptor, position: number, all: readonly Descriptor[]): boolean {
  return all.findIndex(({ digest }) => digest === blob.digest) === position;
}

function layersOf({ layers }: Manifest): Descriptor[] {
  return layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
}
