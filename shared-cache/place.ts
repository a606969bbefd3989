// The seam: somewhere that keeps a cache. An index says what there is, blobs are layers.

import type { BlobStore, Descriptor, Reference } from "../oci/index.js";
import type { CacheIndex } from "./format.js";

export interface CachePlace {
  /** `registry localhost:5000/app:cache`: in messages, and in records of the store that came from here. */
  readonly name: string;
  /** Part of the index: one of another scope is not read here. */
  readonly scope: string;
  /** The repository that the layers are in, when they are in a registry: others there may mount them. */
  readonly reference?: Reference;
  readonly blobs: BlobStore;
  /** One lookup for all keys. @returns undefined when there is no cache @throws bad_manifest when there is something else */
  readIndex(options: PlaceOptions): Promise<CacheIndex | undefined>;
  /** Makes the index what readers find. Its layers and inputs must be there before. */
  writeIndex(index: CacheIndex, options: PlaceOptions): Promise<void>;
  /** Takes a blob over from another repository of the same registry. @returns false when it could not */
  mount?(blob: Descriptor, from: Reference): Promise<boolean>;
}

/** What places that are no registries take of a build. */
export interface PlaceEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlaceOptions {
  readonly signal?: AbortSignal;
}
