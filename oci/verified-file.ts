// A file that becomes a blob: what is written to it is hashed, and it fails at its end when that is not what was promised.

import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import type { Descriptor } from "./descriptor.js";
import { giveBlock, shared } from "./shared-block.js";
import { mismatch } from "./verify.js";
import { openWriter, type WriterAnswer, type WriterFile } from "./writer-threads.js";

type Callback = (error?: Error | null) => void;

export interface VerifiedFileOptions {
  /** An empty file. To be closed by the caller, after the stream has closed. */
  readonly fd: number;
  /** Told the bytes so far, with each chunk. */
  readonly onSize?: ((size: number) => void) | undefined;
}

/** Takes chunks that nobody else reads. @throws digest_mismatch, and what the system says of the file */
export function openVerifiedFile(
  blob: Pick<Descriptor, "digest" | "size">,
  { inThread, ...options }: VerifiedFileOptions & { readonly inThread: boolean },
): Writable {
  return inThread ? new ThreadFile(blob, options) : new PlainFile(blob, options);
}

/** Chunks that a thread has before it is given no more: it never waits for one. */
const AHEAD = 2;

/** Hashed and written by a thread, which the main thread does not wait for. */
class ThreadFile extends Writable {
  readonly #blob: Pick<Descriptor, "digest" | "size">;
  readonly #writer: WriterFile;
  readonly #onSize: ((size: number) => void) | undefined;
  #size = 0;
  /** What to do when an order is done, in the order of the orders. */
  readonly #orders: ((answer: WriterAnswer) => void)[] = [];
  /** Asks for the next chunk. */
  #next: Callback | undefined;

  constructor(blob: Pick<Descriptor, "digest" | "size">, { fd, onSize }: VerifiedFileOptions) {
    super();
    this.#blob = blob;
    this.#onSize = onSize;
    this.#writer = openWriter(fd, (answer) => this.#orders.shift()?.(answer));
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: Callback): void {
    this.#size += chunk.length;
    if (this.#size > this.#blob.size) return callback(mismatch(this.#blob, `at least ${this.#size} bytes`));
    this.#onSize?.(this.#size);
    this.#next = callback;
    this.#order(shared(chunk), ({ error }) => {
      giveBlock(chunk);
      if (error === undefined) this.#goOn();
      else this.destroy(failure(error));
    });
    this.#goOn();
  }

  override _final(callback: Callback): void {
    this.#order(undefined, ({ sha256, error }) => {
      const isSame = `sha256:${sha256}` === this.#blob.digest && this.#size === this.#blob.size;
      if (error) callback(failure(error));
      else callback(isSame ? null : mismatch(this.#blob, `sha256:${sha256} (${this.#size} bytes)`));
    });
  }

  /** Ends when the thread does not use the file any more. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#order(undefined, () => {
      this.#writer.close();
      callback(error);
    });
  }

  #goOn(): void {
    const next = this.#orders.length < AHEAD ? this.#next : undefined;
    if (next === undefined) return;
    this.#next = undefined;
    next();
  }

  #order(bytes: Uint8Array | undefined, done: (answer: WriterAnswer) => void): void {
    this.#orders.push(done);
    this.#writer.order(bytes);
  }
}

/** Hashed and written at once: a thread takes longer to be told of a small file. */
class PlainFile extends Writable {
  readonly #blob: Pick<Descriptor, "digest" | "size">;
  readonly #fd: number;
  readonly #onSize: ((size: number) => void) | undefined;
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(blob: Pick<Descriptor, "digest" | "size">, { fd, onSize }: VerifiedFileOptions) {
    super();
    this.#blob = blob;
    this.#fd = fd;
    this.#onSize = onSize;
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: Callback): void {
    this.#size += chunk.length;
    if (this.#size > this.#blob.size) return callback(mismatch(this.#blob, `at least ${this.#size} bytes`));
    this.#onSize?.(this.#size);
    this.#hash.update(chunk);
    try {
      writeAll(this.#fd, chunk);
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _final(callback: Callback): void {
    const digest = `sha256:${this.#hash.digest("hex")}`;
    const isSame = digest === this.#blob.digest && this.#size === this.#blob.size;
    callback(isSame ? null : mismatch(this.#blob, `${digest} (${this.#size} bytes)`));
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function failure({ message, code }: NonNullable<WriterAnswer["error"]>): Error {
  return Object.assign(new Error(message), code !== undefined && { code });
}
