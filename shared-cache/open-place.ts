// Opens the places of caches by what users say of them. Code of the network is loaded at the first use.

import type { Platform } from "../oci/index.js";
import { openImageStore, type OpenImageStoreOptions } from "./open-image-store.js";
import type { CachePlace, PlaceEnvironment } from "./place.js";
import { ImageStoreCache } from "./places/image-store.js";
import { LazyPlace } from "./places/lazy.js";
import { s3Name } from "./s3-name.js";
import type { CacheSource, GithubCache, LocalCache, RegistryCache } from "./spec.js";

export interface OpenPlaceOptions extends OpenImageStoreOptions, PlaceEnvironment {
  /** Which image of an index has an inline cache. @default this machine's */
  readonly platform?: Platform;
}

/** Nothing is asked for yet. @throws bad_reference, usage */
export function openPlace(source: CacheSource, options: OpenPlaceOptions): CachePlace {
  switch (source.type) {
    case "registry":
    case "local":
      return imageStorePlace(source, options);
    case "s3":
      return new LazyPlace({
        name: s3Name(source),
        scope: "",
        open: async () => (await import("./places/s3/cache.js")).openS3(source, options),
      });
    case "gha":
      return githubPlace(source, options);
  }
}

function githubPlace(source: GithubCache, options: OpenPlaceOptions): CachePlace {
  const { scope = "tsbuild" } = source;
  const open = async () => (await import("./places/gha/cache.js")).openGithub({ ...source, scope }, options);
  return new LazyPlace({ name: `gha ${scope}`, scope, open });
}

function imageStorePlace(source: RegistryCache | LocalCache, options: OpenPlaceOptions): CachePlace {
  const { open, ...named } = openImageStore(source, options);
  const { platform } = options;
  const opened = async () => new ImageStoreCache({ ...named, store: await open(), ...(platform && { platform }) });
  return new LazyPlace({ ...named, open: opened });
}
