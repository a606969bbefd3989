// What to say when the disk of the store is full: how much of it the cache could give back.

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { freeBytes, prunable } from "./prune.js";

/** A step that fails with less than this left has most likely failed for that. */
const ALMOST_NOTHING = 1 << 20;

/** Gives a failure that a full disk explains the hint that helps; leaves any other as it is. */
export function hintAtSpace(store: Store, error: unknown): void {
  const full = chainOf(error).find(({ code }) => code === "store_full") ?? fullStep(store, error);
  if (full) Object.assign(full, { hint: hintFor(store) });
}

function fullStep({ paths }: Store, error: unknown): TsbuildError | undefined {
  const isStep = error instanceof TsbuildError && error.code === "run_failed";
  return isStep && freeBytes(paths.root) < ALMOST_NOTHING ? error : undefined;
}

function hintFor(store: Store): string {
  const { bytes } = prunable(store, { all: true });
  if (bytes === 0)
    return "Free space on this filesystem, or use another one with --home: no cache is left that could go.";
  return `Run "tsbuild prune --all", which frees ${megabytes(bytes)} of cache, or use a larger filesystem with --home.`;
}

/** An error and its causes. */
function chainOf(error: unknown): readonly TsbuildError[] {
  if (!(error instanceof Error)) return [];
  return [...(error instanceof TsbuildError ? [error] : []), ...chainOf(error.cause)];
}

function megabytes(bytes: number): string {
  return bytes < 1e6
    ? `${Math.ceil(bytes / 1000)}kB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)}MB`
      : `${(bytes / 1e9).toFixed(1)}GB`;
}
