// A blob's content piece by piece, read once from its beginning to its end unless a piece is asked for again.

import { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import type { Descriptor } from "../oci/index.js";

export class Pieces {
  readonly #blob: Descriptor;
  readonly #open: () => Promise<Readable>;
  #reader: Reader | undefined;

  constructor(blob: Descriptor, open: () => Promise<Readable>) {
    this.#blob = blob;
    this.#open = open;
  }

  /** The bytes from `start` up to `end`. One piece is read after the other. */
  async open(start: number, end: number): Promise<Readable> {
    if (this.#reader?.position !== start) {
      this.close();
      this.#reader = new Reader(await this.#open(), this.#blob);
      for await (const _ of this.#reader.take(start)); // what the registry has
    }
    return Readable.from(this.#reader.take(end - start), { objectMode: false });
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}

class Reader {
  /** Bytes given away; undefined while a piece is being read. */
  position: number | undefined = 0;
  readonly #blob: Descriptor;
  readonly #content: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What was read and not yet given away. */
  #rest: Uint8Array = new Uint8Array();

  constructor(content: Readable, blob: Descriptor) {
    this.#blob = blob;
    this.#content = content.on("error", () => {}); // reaches whoever reads
    this.#chunks = (content as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async *take(length: number): AsyncGenerator<Uint8Array> {
    const start = this.position ?? 0;
    this.position = undefined;
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#next(start + length - left);
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
    this.position = start + length;
  }

  close(): void {
    this.#content.destroy();
  }

  async #next(position: number): Promise<Uint8Array> {
    const { value, done } = await this.#chunks.next();
    if (!done) return value;
    const { digest, size } = this.#blob;
    throw new TsbuildError("digest_mismatch", `expected ${digest} (${size} bytes), read ${position} bytes`);
  }
}
