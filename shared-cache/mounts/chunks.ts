// Cuts a stream where its content says so: a change moves only the cuts beside it, so that all other chunks stay as they were.
// FastCDC with normalized chunking: https://www.usenix.org/conference/atc16/technical-sessions/presentation/xia

import { createHash } from "node:crypto";

const SMALLEST = 64 << 10;
const AVERAGE = 256 << 10;
export const LARGEST = 1 << 20;

/** Up to the average size a cut needs four bits more than beyond it: most chunks are about as long as that. */
const MASK_BEFORE = 0xfffff000;
const MASK_AFTER = 0xffff0000;

/** Made when it is first needed: most builds cut nothing. */
let gear: Int32Array | undefined;

/** The chunks of a stream, in order. The same bytes are cut the same way, however they arrive. */
export async function* chunksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const piece of content) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    while (rest.length >= LARGEST) {
      const end = cutOf(rest);
      yield rest.subarray(0, end);
      rest = rest.subarray(end);
    }
  }
  while (rest.length > 0) {
    const end = cutOf(rest);
    yield rest.subarray(0, end);
    rest = rest.subarray(end);
  }
}

/** Where the first chunk of `bytes` ends. */
function cutOf(bytes: Uint8Array): number {
  const length = Math.min(bytes.length, LARGEST);
  if (length <= SMALLEST) return length;
  const middle = Math.min(length, AVERAGE);
  const table = (gear ??= gearTable());
  let hash = 0;
  let at = SMALLEST;
  for (; at < middle; at++) {
    hash = ((hash << 1) + table[bytes[at]!]!) | 0;
    if ((hash & MASK_BEFORE) === 0) return at + 1;
  }
  for (; at < length; at++) {
    hash = ((hash << 1) + table[bytes[at]!]!) | 0;
    if ((hash & MASK_AFTER) === 0) return at + 1;
  }
  return length;
}

/** A random number for each byte, the same on all machines. */
function gearTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++)
    table[byte] = createHash("sha256").update(`tsbuild gear ${byte}`).digest().readInt32LE();
  return table;
}
