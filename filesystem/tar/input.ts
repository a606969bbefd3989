// The bytes of an archive as they come, taken in the pieces that the reader wants.

import { badArchive } from "./error.js";

export class TarInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Bytes taken so far. */
  position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly `length` bytes, valid until the next call; fewer only when the archive ends before. */
  take(length: number): Buffer | Promise<Buffer> {
    const ready = this.#chunk.length - this.#at >= length;
    return ready ? this.#slice(length) : this.#collect(length);
  }

  /** As many bytes as are at hand, 1 to `limit`. @throws bad_archive at the end. */
  some(limit: number): Buffer | Promise<Buffer> {
    return this.#at < this.#chunk.length
      ? this.#slice(Math.min(limit, this.#chunk.length - this.#at))
      : this.#next(limit);
  }

  /** @throws bad_archive when the archive ends before `length` bytes. */
  async skip(length: number): Promise<void> {
    for (let rest = length; rest > 0;) rest -= (await this.some(rest)).length;
  }

  /** Reads whatever follows the archive, so that the source comes to its end. */
  async drain(): Promise<void> {
    this.#at = this.#chunk.length;
    while (await this.#fill()) this.#at = this.#chunk.length;
  }

  /** Tells the source that nothing more is read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(limit: number): Promise<Buffer> {
    if (await this.#fill()) return this.#slice(Math.min(limit, this.#chunk.length));
    throw badArchive(`the archive ends in the middle of a member, at byte ${this.position}`);
  }

  async #collect(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let rest = length;
    while (rest > 0 && (this.#at < this.#chunk.length || (await this.#fill()))) {
      const piece = this.#slice(Math.min(rest, this.#chunk.length - this.#at));
      pieces.push(piece);
      rest -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  #slice(length: number): Buffer {
    const bytes = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    this.position += length;
    return bytes;
  }

  /** Gets the next chunk that has bytes. False at the end. */
  async #fill(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#at = 0;
      return true;
    }
  }
}
