// The end of what a step printed, for the report of its failure.

/** Bytes that are kept. */
const LIMIT = 64 << 10;

export class LogTail {
  #chunks: Uint8Array[] = [];
  #size = 0;

  add(data: Uint8Array): void {
    this.#chunks.push(data);
    this.#size += data.length;
    while (this.#size - this.#chunks[0]!.length >= LIMIT) this.#size -= this.#chunks.shift()!.length;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).subarray(-LIMIT).toString("utf8");
  }
}
