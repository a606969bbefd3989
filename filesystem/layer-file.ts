// The tar file of a layer while it is written: buffered, hashed as it goes, with synchronous calls. Streams would cost ten
// times the CPU on many small files.

import { createHash } from "node:crypto";
import { readSync, writeSync } from "node:fs";
import type { Digest } from "../oci/index.js";
import type { Entry } from "./entry.js";
import { writeError } from "./io-error.js";
import { END_OF_ARCHIVE, padded, paxHeader, writeHeader } from "./tar/encode.js";
import { BLOCK } from "./tar/header.js";

const CAPACITY = 1024 * 1024;

/** Of a layer file that was finished, for the next one. */
let spare: Buffer | undefined;

function takeBuffer(): Buffer {
  const buffer = spare ?? Buffer.allocUnsafeSlow(CAPACITY);
  spare = undefined;
  return buffer;
}

/** The most that `writeFrom` takes at once. */
export const PIECE = CAPACITY - BLOCK;

export class LayerFile {
  readonly #fd: number;
  readonly #buffer = takeBuffer();
  readonly #hasher = createHash("sha256");
  #used = 0;
  #flushed = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Bytes written so far: where the next ones go. */
  get size(): number {
    return this.#flushed + this.#used;
  }

  writeHeaders(entry: Entry): void {
    const pax = paxHeader(entry);
    if (pax) this.write(pax);
    this.#makeRoom(BLOCK);
    writeHeader(this.#buffer, this.#used, entry);
    this.#used += BLOCK;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#used === CAPACITY) this.#flush();
      const piece = bytes.subarray(at, at + CAPACITY - this.#used);
      this.#buffer.set(piece, this.#used);
      this.#used += piece.length;
      at += piece.length;
    }
  }

  /**
   * Reads up to `limit` bytes (at most `PIECE`) of an open file straight into the tar. What is returned is valid until the
   * next call. `peek` (0 or 1) bytes more are read, but only counted: they tell a file that is longer than it should be.
   */
  writeFrom(
    fd: number,
    position: number,
    limit: number,
    peek: number,
  ): { readonly bytes: Buffer; readonly extra: number } {
    this.#makeRoom(limit + peek);
    const read = readSync(fd, this.#buffer, this.#used, limit + peek, position);
    const bytes = this.#buffer.subarray(this.#used, this.#used + Math.min(read, limit));
    this.#used += bytes.length;
    return { bytes, extra: read - bytes.length };
  }

  /** Fills up the last block of a file of `size` bytes. */
  pad(size: number): void {
    const length = padded(size) - size;
    this.#makeRoom(length);
    this.#buffer.fill(0, this.#used, this.#used + length);
    this.#used += length;
  }

  finish(): { readonly diffID: Digest; readonly size: number } {
    this.write(END_OF_ARCHIVE);
    this.#flush();
    spare = this.#buffer;
    return { diffID: `sha256:${this.#hasher.digest("hex")}`, size: this.#flushed };
  }

  #makeRoom(length: number): void {
    if (CAPACITY - this.#used < length) this.#flush();
  }

  #flush(): void {
    const bytes = this.#buffer.subarray(0, this.#used);
    this.#hasher.update(bytes);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw writeError(error, "write the layer");
    }
    this.#flushed += this.#used;
    this.#used = 0;
  }
}
