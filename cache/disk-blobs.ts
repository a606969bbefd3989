// Blobs in the directory of an OCI image layout: `blobs/sha256/<hex>`.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md#blobs

import {
  closeSync,
  createReadStream,
  createWriteStream,
  open,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { TsbuildError } from "../errors.js";
import {
  type BlobStore,
  type Descriptor,
  type Digest,
  isSavable,
  type OpenOptions,
  type Savable,
  throwIfInterrupted,
  Verifier,
} from "../oci/index.js";
import { errorCode, moveInto, stagedName, storeError } from "./files.js";
import type { StorePaths } from "./paths.js";

const openLater = promisify(open);

/** Bytes of a blob that is held in memory before it is written. */
const SMALL = 1 << 20;

interface Cancelable {
  readonly signal?: AbortSignal;
}

/** Told of a blob that was read to its end, and is not what its name says, and of the error that its reader gets. */
export type OnDamaged = (digest: Digest, error: TsbuildError) => void;

export class DiskBlobs implements BlobStore {
  readonly #paths: StorePaths;
  readonly #staging: () => string;
  readonly #onDamaged: OnDamaged;
  /** Found to be something else than their names say: they count as missing, and stay where they are. */
  readonly #damaged = new Set<Digest>();

  /** @param staging names the directory where unfinished blobs wait, on the filesystem of the layout */
  constructor(paths: StorePaths, staging: () => string, onDamaged: OnDamaged) {
    this.#paths = paths;
    this.#staging = staging;
    this.#onDamaged = onDamaged;
  }

  path(digest: Digest): string {
    return this.#paths.blob(digest);
  }

  /** True when the blob is there with the size described: a blob cut short by a power failure is not there. */
  hasSync(blob: Pick<Descriptor, "digest" | "size">): boolean {
    return sizeOf(this.path(blob.digest)) === blob.size && !this.#damaged.has(blob.digest);
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.hasSync(blob);
  }

  async open(blob: Descriptor, { unverified = false }: OpenOptions = {}): Promise<Readable> {
    if (!this.hasSync(blob)) throw new TsbuildError("blob_not_found", `${this.#paths.root} has no blob ${blob.digest}`);
    const content = createReadStream(this.path(blob.digest), { highWaterMark: 1 << 20 });
    if (unverified) return content.on("error", () => {}); // reaches whoever reads
    const verifier = new Verifier(blob).once("error", (error: unknown) => {
      if (error instanceof TsbuildError && error.code === "digest_mismatch") this.#distrust(blob.digest, error);
    });
    pipeline(content, verifier).catch(() => {}); // reaches whoever reads `verifier`
    return verifier;
  }

  #distrust(digest: Digest, error: TsbuildError): void {
    this.#damaged.add(digest);
    this.#onDamaged(digest, error);
  }

  async put(blob: Descriptor, content: Readable, options: Cancelable = {}): Promise<void> {
    const staged = stagedName(`${this.#staging()}/blob`);
    try {
      if (isSavable(content) && Verifier.verifies(content, blob)) await save(content, staged, options);
      else await write(content, blob, staged, options);
      this.adopt(staged, blob.digest);
    } catch (error) {
      content.destroy();
      throwIfInterrupted(options.signal);
      throw storeError(error, staged);
    } finally {
      rmSync(staged, { force: true });
    }
  }

  /** Takes over a finished file whose digest the caller has computed while writing it. */
  adopt(staged: string, digest: Digest): void {
    moveInto(staged, this.path(digest));
    this.#damaged.delete(digest);
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size;
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

async function save(content: Readable & Savable, staged: string, { signal }: Cancelable): Promise<void> {
  if (signal) addAbortSignal(signal, content);
  const fd = await openLater(staged, "wx", 0o644); // blobs that come at the same time do not wait for each other's files
  try {
    await content.saveTo(fd);
  } finally {
    closeSync(fd);
  }
}

async function write(content: Readable, blob: Descriptor, staged: string, options: Cancelable): Promise<void> {
  if (blob.size <= SMALL) return writeAtOnce(content, blob, staged, options);
  const fd = openSync(staged, "wx", 0o644); // a stream might open it after it was removed
  const file = createWriteStream(staged, { fd, highWaterMark: 1 << 20 });
  if (Verifier.verifies(content, blob)) await pipeline(content, file, options);
  else await pipeline(content, new Verifier(blob), file, options);
}

/** One write takes less than a stream, whose every step waits for a thread. */
async function writeAtOnce(content: Readable, blob: Descriptor, staged: string, options: Cancelable): Promise<void> {
  const chunks: Uint8Array[] = [];
  const collect = async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of source) chunks.push(chunk);
  };
  if (Verifier.verifies(content, blob)) await pipeline(content, collect, options);
  else await pipeline(content, new Verifier(blob), collect, options);
  writeFileSync(staged, Buffer.concat(chunks), { flag: "wx", mode: 0o644 });
}
