// When things were last used that have no record of their own to be dated: unpacked layers, sources, cache mounts.

import { statSync, utimesSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { errorCode, writeFileAtomic } from "./files.js";
import type { StorePaths } from "./paths.js";

export type UseKind = "layer" | "source" | "mount";

/** A store that cannot be written to remembers no use. */
export function noteUse(paths: StorePaths, kind: UseKind, name: string): void {
  const path = paths.use(kind, name);
  const now = Date.now() / 1000;
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if (errorCode(error) === "ENOENT") begin(path);
  }
}

/** Milliseconds since the epoch; undefined when no use was noted. */
export function lastUse(paths: StorePaths, kind: UseKind, name: string): number | undefined {
  return statSync(paths.use(kind, name), { throwIfNoEntry: false })?.mtimeMs;
}

function begin(path: string): void {
  try {
    writeFileAtomic(path, "");
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
  }
}
