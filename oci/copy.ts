// The one verb that moves images: pull, push, save, load and export are copies between two places.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests

import { setMaxListeners } from "node:events";
import { pipeline, type Readable, Transform } from "node:stream";
import PQueue from "p-queue";
import { TsbuildError } from "../errors.js";
import type { BlobStore, ImageStore } from "./blob-store.js";
import type { Descriptor } from "./descriptor.js";
import type { Digest } from "./digest.js";
import { throwIfInterrupted } from "./interrupt.js";
import { parseIndex, parseManifest } from "./manifest.js";
import { isIndex, isManifest } from "./media-type.js";
import { readBlob } from "./read.js";
import { Verifier } from "./verify.js";

export interface CopyImageOptions {
  /** Names the root in the place copied to. */
  readonly tag?: string;
  /** How many blobs move at once. Default: what the place copied to says, or that copied from, else 6. */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  /** Told as bytes move, and once with `current === total` when the blob is there, also when it was there before. */
  readonly onProgress?: (blob: Descriptor, current: number, total: number) => void;
  /** Tries to place a blob without moving its bytes (a registry's cross-repository mount). True when it did. */
  readonly mount?: (blob: Descriptor) => Promise<boolean>;
}

/**
 * Copies an image or index with all that it names. A name never leads to something incomplete: blobs go first, then
 * configs, then manifests, then indexes, the tag last (S-207). Blobs that are there are skipped, and one that is named
 * twice moves once (S-177). When it fails, transfers under way are aborted before the promise rejects.
 * @throws what the two stores throw; blob_not_found when `from` lacks a part
 */
export async function copyImage(
  root: Descriptor,
  from: BlobStore,
  to: ImageStore,
  options: CopyImageOptions = {},
): Promise<void> {
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  setMaxListeners(0, signal);
  const copier = new Copier(from, to, { ...options, signal });
  try {
    await copier.copyManifest(root, options.tag);
  } catch (error) {
    failure.abort(error);
    await copier.settled();
    throw error;
  }
}

/** Copies one blob unless it is there. */
export async function copyBlob(
  blob: Descriptor,
  from: BlobStore,
  to: BlobStore,
  options: Omit<CopyImageOptions, "tag" | "jobs"> = {},
): Promise<void> {
  const { signal, onProgress, mount } = options;
  throwIfInterrupted(signal);
  if (!(await to.has(blob)) && !(await mount?.(blob))) {
    const move = () => moveBlob(blob, from, to, options);
    await (to.bring ? to.bring(blob, move, signal ? { signal } : {}) : move());
  }
  onProgress?.(blob, blob.size, blob.size);
}

/** A place that verifies what it gets is given it as it is: only when that was not right is it read once more, to see who is to blame. */
async function moveBlob(
  blob: Descriptor,
  from: BlobStore,
  to: BlobStore,
  { signal, onProgress }: Pick<CopyImageOptions, "signal" | "onProgress">,
): Promise<void> {
  const aborted = signal === undefined ? {} : { signal };
  const unverified = to.verifies === true;
  const reopen = async () => watch(await from.open(blob, { ...aborted, unverified }), blob, onProgress);
  let isVerified = false;
  const verify = async () => {
    isVerified = true;
    await drain(await from.open(blob, aborted));
  };
  try {
    await to.put(blob, await reopen(), { ...aborted, reopen, verify });
  } catch (error) {
    const isWrong = error instanceof TsbuildError && error.code === "digest_mismatch";
    if (unverified && isWrong && !isVerified) await verify();
    throw error;
  }
}

async function drain(content: Readable): Promise<void> {
  for await (const _ of content);
}

class Copier {
  readonly #from: BlobStore;
  readonly #to: ImageStore;
  readonly #queue: PQueue;
  readonly #options: CopyImageOptions & { readonly signal: AbortSignal };
  /** By digest: what is copied or being copied. */
  readonly #copies = new Map<Digest, Promise<void>>();

  constructor(from: BlobStore, to: ImageStore, options: CopyImageOptions & { readonly signal: AbortSignal }) {
    this.#from = from;
    this.#to = to;
    this.#queue = new PQueue({ concurrency: options.jobs ?? to.jobs ?? from.reads ?? 6 });
    this.#options = options;
  }

  /** Resolves when nothing moves any more, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#copies.values());
  }

  async copyManifest(manifest: Descriptor, tag?: string): Promise<void> {
    if (await this.#isNamed(manifest, tag)) return;
    const bytes = await readBlob(this.#from, manifest, this.#options);
    if (await this.#to.holds?.(manifest))
      return tag === undefined ? undefined : this.#to.putManifest(manifest, bytes, tag);
    if (isIndex(manifest.mediaType)) await this.#copyAll(parseIndex(bytes).manifests);
    else await this.#copyParts(bytes);
    throwIfInterrupted(this.#options.signal);
    if (tag === undefined && (await this.#to.has(manifest))) return;
    await this.#to.putManifest(manifest, bytes, tag);
  }

  /** A place that has manifests with all that they name need not be asked for more. */
  async #isNamed({ digest }: Descriptor, tag: string | undefined): Promise<boolean> {
    if (tag === undefined || this.#to.holds === undefined) return false;
    const { signal } = this.#options;
    return (await this.#to.resolve(tag, { signal }))?.digest === digest;
  }

  async #copyParts(bytes: Uint8Array): Promise<void> {
    const { layers, config } = parseManifest(bytes);
    if (this.#from.expect && !(await this.#to.has(config))) this.#from.expect(config);
    await this.#copyAll(layers);
    await this.#copyAll([config]);
  }

  async #copyAll(parts: readonly Descriptor[]): Promise<void> {
    await Promise.all(parts.map((part) => this.#once(part)));
  }

  #once(part: Descriptor): Promise<void> {
    const known = this.#copies.get(part.digest);
    if (known !== undefined) return known;
    const copy = isIndex(part.mediaType) || isManifest(part.mediaType) ? this.copyManifest(part) : this.#copyBlob(part);
    this.#copies.set(part.digest, copy);
    return copy;
  }

  #copyBlob(blob: Descriptor): Promise<void> {
    return this.#queue.add(() => copyBlob(blob, this.#from, this.#to, this.#options));
  }
}

/** Reports the bytes of `content` as they are read; the last are reported by whoever knows that they arrived. */
function watch(content: Readable, blob: Descriptor, onProgress: CopyImageOptions["onProgress"]): Readable {
  if (onProgress === undefined) return content;
  const report = (current: number) => current < blob.size && onProgress(blob, current, blob.size);
  if (content instanceof Verifier) {
    content.onSize(report);
    return content;
  }
  let current = 0;
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      current += chunk.length;
      report(current);
      callback(null, chunk);
    },
  });
  return pipeline(content, counter, () => {}); // a failure reaches whoever reads `counter`
}
