// The seam: content-addressed bytes, on disk, in a registry, in an archive or in memory.

import type { Readable } from "node:stream";
import type { Descriptor } from "./descriptor.js";
import type { Digest } from "./digest.js";

export interface BlobStore {
  /** Whether what is given to `put` need not be verified on its way: other bytes are found out there. @default false */
  readonly verifies?: boolean;
  /** How many blobs it is worth to read at once; the place waits by itself with more than it takes. @default 6 */
  readonly reads?: number;
  has(blob: Descriptor): Promise<boolean>;
  /**
   * Opens a blob. The stream fails at its end when the bytes are not the ones described, so a reader must not act on
   * the bytes before the end. Whoever opens it reads it to its end or destroys it.
   * @throws blob_not_found
   */
  open(blob: Descriptor, options?: OpenOptions): Promise<Readable>;
  /** Told that a blob will be opened soon: a place that is far away may fetch it meanwhile. What fails is told by `open`. */
  expect?(blob: Descriptor): void;
  /**
   * Stores `content`, which must be the blob described. The blob is visible whole or not at all. Storing a blob
   * twice is not an error. `content` is destroyed when the call fails.
   * @throws digest_mismatch
   */
  put(blob: Descriptor, content: Readable, options?: PutOptions): Promise<void>;
  /**
   * Runs `work`, which puts the blob. When another process does the same, it is waited for that, and then there is nothing left to do.
   * A place that no other process brings the same blobs to does not have this.
   */
  bring?(blob: Descriptor, work: () => Promise<void>, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** Whether other bytes than those described do no harm, because whoever takes them finds out. @default false */
  readonly unverified?: boolean;
}

export interface PutOptions {
  readonly signal?: AbortSignal;
  /** For a place that `verifies` and cannot tell this once: reads the content where it came from. @throws digest_mismatch */
  readonly verify?: () => Promise<void>;
  /** Opens `content` once more. A store that retries a broken transfer can do so only when this is given. */
  readonly reopen?: () => Promise<Readable>;
}

/** A place that also keeps names for manifests: a registry repository, the store on disk, an image layout. */
export interface ImageStore extends BlobStore {
  /** How many blobs may move to this place at once. Default: what the place read from says. */
  readonly jobs?: number;
  /** The manifest or index that `reference` (a tag or digest) names, or undefined when there is none. */
  resolve(reference: string, options?: { readonly signal?: AbortSignal }): Promise<Descriptor | undefined>;
  /** Stores manifest bytes, and names them when `tag` is given. Blobs that it lists must be there before. */
  putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void>;
  /** True when a manifest is there with all that it names. A place where one may be there alone does not have this. */
  holds?(manifest: Descriptor): Promise<boolean>;
  /** The manifests that are about `subject`, such as its signatures; or those of one artifact type. */
  referrers?(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]>;
  /** The tags that this place has, in its own order. @throws registry_error when there is no such repository */
  tags?(): Promise<readonly string[]>;
  /**
   * Places a blob of another repository of the same registry without moving its bytes.
   * @param from path in the registry: `library/alpine`
   * @returns false when that was not done: the blob is to be put
   */
  mount?(blob: Descriptor, from: string): Promise<boolean>;
}

export type { Digest };
