// Blobs in the directory of an OCI image layout: `blobs/sha256/<hex>`.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md#blobs

import { closeSync, createReadStream, createWriteStream, openSync, rmSync, statSync } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TsbuildError } from "../errors.js";
import {
  type BlobStore,
  type Descriptor,
  type Digest,
  isSavable,
  type OpenOptions,
  type Savable,
  Verifier,
} from "../oci/index.js";
import { moveInto, stagedName, storeError } from "./files.js";
import type { StorePaths } from "./paths.js";

interface Cancelable {
  readonly signal?: AbortSignal;
}

export class DiskBlobs implements BlobStore {
  readonly #paths: StorePaths;
  readonly #staging: () => string;
  readonly #onDamaged: ((digest: Digest) => void) | undefined;

  /**
   * @param staging names the directory where unfinished blobs wait, on the filesystem of the layout
   * @param onDamaged told of a blob that was read to its end, and is not what its name says. Nothing here removes it
   */
  constructor(paths: StorePaths, staging: () => string, onDamaged?: (digest: Digest) => void) {
    this.#paths = paths;
    this.#staging = staging;
    this.#onDamaged = onDamaged;
  }

  path(digest: Digest): string {
    return this.#paths.blob(digest);
  }

  /** True when the blob is there with the size described: a blob cut short by a power failure is not there. */
  hasSync(blob: Pick<Descriptor, "digest" | "size">): boolean {
    return statSync(this.path(blob.digest), { throwIfNoEntry: false })?.size === blob.size;
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.hasSync(blob);
  }

  async open(blob: Descriptor, { unverified = false }: OpenOptions = {}): Promise<Readable> {
    if (!this.hasSync(blob)) throw new TsbuildError("blob_not_found", `${this.#paths.root} has no blob ${blob.digest}`);
    const content = createReadStream(this.path(blob.digest), { highWaterMark: 1 << 20 });
    if (unverified) return content;
    const verifier = new Verifier(blob).once("error", (error: unknown) => {
      const isDamaged = error instanceof TsbuildError && error.code === "digest_mismatch";
      if (isDamaged) this.#onDamaged?.(blob.digest);
    });
    pipeline(content, verifier).catch(() => {}); // reaches whoever reads `verifier`
    return verifier;
  }

  async put(blob: Descriptor, content: Readable, options: Cancelable = {}): Promise<void> {
    const staged = stagedName(`${this.#staging()}/blob`);
    try {
      if (isSavable(content) && Verifier.verifies(content, blob)) await save(content, staged, options);
      else await write(content, blob, staged, options);
      moveInto(staged, this.path(blob.digest));
    } catch (error) {
      content.destroy();
      throw storeError(error, staged);
    } finally {
      rmSync(staged, { force: true });
    }
  }

  /** Takes over a finished file whose digest the caller has computed while writing it. */
  adopt(staged: string, digest: Digest): void {
    moveInto(staged, this.path(digest));
  }
}

async function save(content: Readable & Savable, staged: string, { signal }: Cancelable): Promise<void> {
  if (signal) addAbortSignal(signal, content);
  const fd = openSync(staged, "wx", 0o644);
  try {
    await content.saveTo(fd);
  } finally {
    closeSync(fd);
  }
}

async function write(content: Readable, blob: Descriptor, staged: string, options: Cancelable): Promise<void> {
  const fd = openSync(staged, "wx", 0o644); // a stream might open it after it was removed
  const file = createWriteStream(staged, { fd, highWaterMark: 1 << 20 });
  if (Verifier.verifies(content, blob)) await pipeline(content, file, options);
  else await pipeline(content, new Verifier(blob), file, options);
}
