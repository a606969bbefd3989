// Files whose names and bytes are the same on every machine and in every run.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Pseudo-random numbers from 0 to 2^32 - 1 (mulberry32). */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Bytes that compress about as well as program text. */
export function text(length, next) {
  const words = Array.from({ length: 64 }, () => next().toString(36));
  const bytes = Buffer.alloc(length, 10);
  for (let at = 0; at < length;) at += bytes.write(`${words[next() % 64]} ${words[next() % 64]};\n`, at) || 1;
  return bytes;
}

/** `count` files of 40 to 2 * `size` bytes, 100 in a directory. */
export function manyFiles(directory, count, size, seed = 1) {
  const next = numbers(seed);
  const source = text(4 * size, next);
  for (let i = 0; i < count; i++) {
    const length = 40 + (next() % (2 * size - 80));
    const start = next() % (source.length - length);
    const path = join(directory, `d${Math.floor(i / 10000)}/d${Math.floor(i / 100) % 100}`, `file-${i}.js`);
    if (i % 100 === 0) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source.subarray(start, start + length));
  }
}
