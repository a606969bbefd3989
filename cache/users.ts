// The processes that use the store now. Each has a file that is named by it and dated by its beginning: what a living one
// may have used since then is kept by prune.

import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import { errorCode, writeFileAtomic } from "./files.js";
import { isAlive, ownIdentity } from "./owner.js";

let sequence = 0;

export interface StoreUser {
  /** Of its file: the process, and a number of its own. */
  readonly name: string;
  release(): void;
}

/** Says that this process uses the store, until `release`. A store that cannot be written to cannot be pruned either. */
export function enter(directory: string): StoreUser {
  const name = `${ownIdentity()}-${sequence++}`;
  const path = join(directory, name);
  try {
    writeFileAtomic(path, "");
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
  }
  return { name, release: () => rmSync(path, { force: true }) };
}

/**
 * When the first of the other users began, in milliseconds since the epoch; undefined when there is none. The files of
 * those that died are removed.
 * @param self who is no other: one user, or all of a process. @default this process
 */
export function oldestUser(directory: string, self = ownIdentity()): number | undefined {
  const times = namesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    const began = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (began === undefined || name.endsWith(".tmp") || name === self || name.startsWith(`${self}-`)) return [];
    if (isAlive(name, began)) return [began];
    rmSync(path, { force: true });
    return [];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
