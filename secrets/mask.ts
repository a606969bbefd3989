// Puts `***` in place of secrets in a stream of bytes.

import type { Pattern } from "./patterns.js";

const MASK = Buffer.from("***");

/** The text without secrets. */
export function maskText(text: string, patterns: readonly Pattern[]): string {
  if (patterns.length === 0) return text;
  return replaced(Buffer.from(text), patterns).toString();
}

/** A secret may come in pieces: what could be the begin of one is held back until the rest tells. */
export class MaskedStream {
  readonly #patterns: readonly Pattern[];
  #held: Buffer = Buffer.alloc(0);

  /** @param patterns the longest first */
  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  write(data: Uint8Array): Buffer {
    const all = this.#held.length === 0 ? data : Buffer.concat([this.#held, data]);
    const held = heldBack(Buffer.from(all), this.#patterns);
    this.#held = Buffer.from(held);
    return replaced(Buffer.from(all.subarray(0, all.length - held.length)), this.#patterns);
  }

  /** What was held back, when no more comes. */
  end(): Buffer {
    const rest = replaced(this.#held, this.#patterns);
    this.#held = Buffer.alloc(0);
    return rest;
  }
}

function replaced(data: Buffer, patterns: readonly Pattern[]): Buffer {
  const clean: Buffer[] = [];
  let rest = data;
  for (let hit = earliest(rest, patterns); hit; hit = earliest(rest, patterns)) {
    clean.push(rest.subarray(0, hit.at), MASK);
    rest = rest.subarray(hit.at + hit.length);
  }
  return Buffer.concat([...clean, rest]);
}

interface Hit {
  readonly at: number;
  readonly length: number;
}

/** Of two that begin at one place the longer is taken. */
function earliest(data: Buffer, patterns: readonly Pattern[]): Hit | undefined {
  let best: Hit | undefined;
  for (const { bytes } of patterns) {
    const at = data.indexOf(bytes);
    if (at >= 0 && (!best || at < best.at)) best = { at, length: bytes.length };
  }
  return best;
}

/** The end that a pattern begins with; from the begin of a whole one on that reaches into it. */
function heldBack(data: Buffer, patterns: readonly Pattern[]): Buffer {
  const border = data.length - Math.max(0, ...patterns.map(({ bytes }) => overlap(data, bytes)));
  if (border === data.length) return data.subarray(border);
  let at = 0;
  for (let hit = earliest(data, patterns); hit && at + hit.at < border; hit = earliest(data.subarray(at), patterns)) {
    if (at + hit.at + hit.length > border) return data.subarray(at + hit.at);
    at += hit.at + hit.length;
  }
  return data.subarray(border);
}

function overlap(data: Buffer, pattern: Buffer): number {
  const first = pattern[0]!;
  const from = Math.max(0, data.length - pattern.length + 1);
  for (let at = data.indexOf(first, from); at >= 0; at = data.indexOf(first, at + 1)) {
    const length = data.length - at;
    if (pattern.compare(data, at, data.length, 0, length) === 0) return length;
  }
  return 0;
}
