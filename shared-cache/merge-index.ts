// Adds to the index of a cache that others write at the same time. Few places can write on the condition that nothing changed,
// so what was written is looked at again once others have had time to write over it, and added again when they did.

import { setTimeout as sleep } from "node:timers/promises";
import type { CacheIndex } from "./format.js";
import type { CachePlace } from "./place.js";

/** With each, at least one of those who write at the same time is done. */
const ATTEMPTS = 8;

/** Whoever has read an index before it was written here writes his own within the time that this took, give or take. */
const PATIENCE = 3;
const SHORTEST_MS = 20;
const LONGEST_MS = 1000;

export interface MergeOptions {
  /** The index as it is now. */
  readonly read: () => Promise<CacheIndex | undefined>;
  /** The index with what is to be added; undefined when that is in it. */
  readonly merge: (index: CacheIndex | undefined) => CacheIndex | undefined;
  readonly signal: AbortSignal;
}

/** @returns false when others wrote over it each time. @throws what the place throws */
export async function mergeIndex(place: CachePlace, { read, merge, signal }: MergeOptions): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    const began = Date.now();
    const index = merge(await read());
    if (!index) return true;
    if (attempt === ATTEMPTS) return false;
    await place.writeIndex(index, { signal });
    await sleep(pauseAfter(Date.now() - began, attempt), undefined, { signal });
  }
}

/** Those who collide wait for different times. */
function pauseAfter(took: number, attempt: number): number {
  const usual = Math.min(Math.max(took * PATIENCE, SHORTEST_MS), LONGEST_MS);
  return usual * (1 + Math.random() * attempt);
}
