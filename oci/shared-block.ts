// Blocks of memory that threads share, used again and again: memory that is new costs as much as what is done with it.

const SIZE = 1 << 20;
/** Blocks that are kept for later. */
const MOST = 32;
const free: SharedArrayBuffer[] = [];

/** 1 MiB, with anything in it. Not giving it back costs no more than time. */
export function takeBlock(): Buffer {
  return Buffer.from(free.pop() ?? new SharedArrayBuffer(SIZE));
}

/** Takes back the block that `bytes` are in, if they are in one. Nobody may look at them any more. */
export function giveBlock({ buffer }: Uint8Array): void {
  if (buffer instanceof SharedArrayBuffer && buffer.byteLength === SIZE && free.length < MOST) free.push(buffer);
}

/** `bytes` where all threads see them: as they are, or a copy. */
export function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes as Uint8Array<SharedArrayBuffer>;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
