// Caches beyond the store, as the executor sees them: records that others made, and who is told of what was made here.

import type { CacheRecord, LayerFact } from "../cache/index.js";
import type { Digest } from "../oci/index.js";
import type { ImageOrigin, RunMount, Vertex } from "../planner/index.js";

/** A layer that a shared cache knows. Its bytes come when somebody reads them. */
export interface SharedLayer {
  readonly layer: LayerFact;
  /** Where the blob is. */
  readonly origin: ImageOrigin;
  /** Milliseconds that it took to make. */
  readonly duration: number;
}

/** A step that has its layer. */
export interface LayerStep {
  readonly vertex: Vertex;
  /** The name of its record: the key without its `k1:`. */
  readonly key: string;
  readonly inputs: unknown;
  readonly layer: LayerFact;
  /** Absent when the store has the blob. */
  readonly origin?: ImageOrigin;
  readonly duration: number;
  /** Whether the layer was there before this build. */
  readonly cached: boolean;
}

/** A step of another machine, as a cache knows it. */
export interface EarlierStep {
  /** The name of the record. */
  readonly key: string;
  readonly record: CacheRecord;
  /** Inputs as the record has them, so that equal ones are equal. */
  readonly shown: (inputs: unknown) => unknown;
  /** Brings the index of its layer into the store, unless the layer is large: then files can be compared. Never fails. */
  readonly bringIndex: () => Promise<void>;
}

export interface SharedCache {
  /** What is known under a key. Asked for only when the store knows nothing. */
  find(key: string): Promise<SharedLayer | undefined>;
  /** A layer that says the same. */
  findContent(content: Digest): Promise<SharedLayer | undefined>;
  /** The same step, or the one in its place, of the build that was written last. For a step that misses. Never fails. */
  previous(vertex: Vertex): Promise<EarlierStep | undefined>;
  /** Whether this build reads the cache that a record of the store came from. */
  trusts(source: string): boolean;
  /** Told of each step, once its layer is known. Must not throw. */
  stepDone(step: LayerStep): void;
  /** Called when a layer turns out not to be what was said of it: nothing is believed of it any more. */
  distrust(blob: Digest): void;
  /** Whether something was promised and is not kept, so that the build will be tried again without it. */
  isBroken(): boolean;
}

export type CacheMount = Extract<RunMount, { type: "cache" }>;

/** Contents of cache mounts that others left. */
export interface SharedMounts {
  /**
   * The tar that a mount begins with, or undefined when nobody left one.
   * @param key names the mount in the store
   */
  open(key: string, mount: CacheMount): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Told when the tar was not what was promised: the mount begins empty. */
  failed(mount: CacheMount, error: unknown): void;
  /** Told of each mount that a step uses: `directory` has `data` and `lock`. */
  used(key: string, mount: CacheMount, directory: string): void;
}

export const NO_SHARED_CACHE: SharedCache = {
  find: async () => undefined,
  findContent: async () => undefined,
  previous: async () => undefined,
  trusts: () => false,
  stepDone: () => {},
  distrust: () => {},
  isBroken: () => false,
};
