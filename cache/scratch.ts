// Scratch directories: whatever a build has not finished. Each has a lock that its process holds; one whose lock can be
// taken belonged to a process that died, and is removed.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { removeTree } from "../filesystem/index.js";
import { errorCode, storeError } from "./files.js";
import { type Lock, tryLock } from "./lock.js";

export interface Scratch {
  readonly path: string;
  /** Removes the directory and all in it. */
  remove(): void;
}

/** Makes a directory below `parent` that lives as long as this process, or until it is removed. */
export function makeScratch(parent: string): Scratch {
  const path = join(parent, `${process.pid}-${process.hrtime.bigint().toString(36)}`);
  const lock = tryLock(`${path}.lock`);
  if (!lock) return makeScratch(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    lock.remove();
    throw storeError(error, path);
  }
  return { path, remove: () => removeLocked(path, lock) };
}

/** Removes what processes that were killed have left. */
export function removeDeadScratch(parent: string): void {
  for (const name of readNames(parent)) {
    if (!name.endsWith(".lock")) continue;
    const lock = tryLock(join(parent, name));
    if (lock) removeLocked(join(parent, name.slice(0, -".lock".length)), lock);
  }
}

function removeLocked(path: string, lock: Lock): void {
  removeTree(path);
  lock.remove();
}

function readNames(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
