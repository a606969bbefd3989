// Streams that hash what passes through, and one that fails when it is not what was promised.
// https://github.com/opencontainers/image-spec/blob/main/descriptor.md#verification

import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { TsbuildError } from "../errors.js";
import type { Descriptor } from "./descriptor.js";
import type { Digest } from "./digest.js";

/** Bytes that may wait in a verifier: sources that wait for each chunk to be taken are slow. */
const BUFFERED = 1 << 20;

/** Passes bytes on and hashes them. */
export class Digester extends Transform {
  readonly #hash = createHash("sha256");
  #digest: Digest | undefined;
  #size = 0;
  #onSize: ((size: number) => void) | undefined;

  /** Tells `listener` the bytes so far, with each chunk that passes. */
  onSize(listener: (size: number) => void): void {
    this.#onSize = listener;
  }

  protected get sizeListener(): ((size: number) => void) | undefined {
    return this.#onSize;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** The digest of all bytes so far. Ask when the stream has ended: nothing can be hashed after it. */
  get digest(): Digest {
    this.#digest ??= `sha256:${this.#hash.digest("hex")}`;
    return this.#digest;
  }

  /** Hashes bytes that do not pass through. */
  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.update(chunk);
    this.#onSize?.(this.#size);
    callback(null, chunk);
  }
}

/** Fails at its end when the bytes are not those of `blob`, and at once when more of them come. @throws digest_mismatch */
export class Verifier extends Digester {
  /** What was promised. */
  protected readonly blob: Pick<Descriptor, "digest" | "size">;

  constructor(blob: Pick<Descriptor, "digest" | "size">) {
    super({ highWaterMark: BUFFERED });
    this.blob = blob;
  }

  /** Whether `content` fails by itself when it is not `blob`, so that whoever reads it need not hash it again. */
  static verifies(content: unknown, blob: Pick<Descriptor, "digest" | "size">): boolean {
    return content instanceof Verifier && content.blob.digest === blob.digest && content.blob.size === blob.size;
  }

  override _transform(chunk: Uint8Array, encoding: BufferEncoding, callback: TransformCallback): void {
    const size = this.size + chunk.length;
    if (size > this.blob.size) return callback(mismatch(this.blob, `at least ${size} bytes`));
    super._transform(chunk, encoding, callback);
  }

  override _flush(callback: TransformCallback): void {
    const { digest, size } = this;
    const same = digest === this.blob.digest && size === this.blob.size;
    callback(same ? null : mismatch(this.blob, `${digest} (${size} bytes)`));
  }
}

/** The error for bytes that are not `blob`. @param read what was read instead */
export function mismatch(blob: Pick<Descriptor, "digest" | "size">, read: string): TsbuildError {
  return new TsbuildError("digest_mismatch", `expected ${blob.digest} (${blob.size} bytes), read ${read}`);
}
