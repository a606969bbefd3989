// The processes that use the store now. Each has a file that is named by it and dated by its beginning: what a living one
// may have used since then is kept by prune.

import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import { errorCode, writeFileAtomic } from "./files.js";
import { isAlive, ownIdentity } from "./owner.js";

let sequence = 0;

/** Says that this process uses the store, until `release`. A store that cannot be written to cannot be pruned either. */
export function enter(directory: string): { release(): void } {
  const path = join(directory, `${ownIdentity()}-${sequence++}`);
  try {
    writeFileAtomic(path, "");
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
  }
  return { release: () => rmSync(path, { force: true }) };
}

/**
 * When the first of the other users began, in milliseconds since the epoch; undefined when there is none. The files of
 * those that died are removed.
 */
export function oldestUser(directory: string): number | undefined {
  const times = namesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    const began = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (began === undefined || name.endsWith(".tmp") || name.startsWith(ownIdentity())) return [];
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
