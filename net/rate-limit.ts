// A cap on bytes per second that all transfers of a process share.

import { Transform } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Seconds of silence that may be made up for: bursts after a pause are no longer than this. */
const BURST = 0.1;

export class RateLimit {
  readonly #bytesPerSecond: number;
  /** Milliseconds: when the bytes that were taken so far have had their time. */
  #free = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Takes leave to move `bytes`. @returns milliseconds to wait before more is moved */
  take(bytes: number, now = performance.now()): number {
    this.#free = Math.max(this.#free, now - BURST * 1000) + (bytes / this.#bytesPerSecond) * 1000;
    return Math.max(0, this.#free - now);
  }
}

/** Bytes that go at once: few, so that a slow transfer is steady and not taken for a dead one. */
const SLICE = 64 << 10;

/** Passes bytes on no faster than `limit` allows. */
export function throttle(limit: RateLimit): Transform {
  return new Transform({
    async transform(chunk: Uint8Array, _encoding, callback) {
      for (let from = 0; from < chunk.length; from += SLICE) {
        const slice = chunk.subarray(from, from + SLICE);
        const wait = limit.take(slice.length);
        if (wait >= 1) await sleep(wait);
        this.push(slice);
      }
      callback();
    },
  });
}
