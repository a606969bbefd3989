// The facts of a table as files: for who lists, checks and removes them.

import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseOrUndefined } from "./facts.js";
import { errorCode, readIfPresent, writeFileAtomic } from "./files.js";
import type { StorePaths } from "./paths.js";

export interface StoredFact {
  readonly key: string;
  readonly path: string;
  /** Undefined when the file is damaged. */
  readonly value: unknown;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
  /** Bytes on the disk. */
  readonly size: number;
}

/** All facts of a table, as they lie there. */
export function storedFacts(paths: StorePaths, table: string): StoredFact[] {
  const directory = dirname(dirname(paths.fact(table, "00")));
  return namesIn(directory)
    .flatMap((prefix) => namesIn(join(directory, prefix)))
    .filter((key) => !key.endsWith(".tmp"))
    .flatMap((key) => storedFact(paths, table, key) ?? []);
}

/** One fact as it lies there. */
export function storedFact(paths: StorePaths, table: string, key: string): StoredFact | undefined {
  const path = paths.fact(table, key);
  const bytes = readIfPresent(path);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!bytes || !stats) return undefined;
  return { key, path, value: parseOrUndefined(bytes), lastUsed: stats.mtimeMs, size: stats.blocks * 512 };
}

/**
 * Removes the file of a fact, unless somebody uses it in this very instant: who uses a fact dates it before reading, so a
 * date that changed after the file was gone is a use that has to be honoured.
 * @returns whether it is gone
 */
export function removeFact({ path, lastUsed }: Pick<StoredFact, "path" | "lastUsed">): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    throw error;
  }
  try {
    const bytes = readFileSync(file);
    if (fstatSync(file).mtimeMs !== lastUsed) return false;
    rmSync(path, { force: true });
    if (fstatSync(file).mtimeMs === lastUsed) return true;
    if (!existsSync(path)) writeFileAtomic(path, bytes);
    return false;
  } finally {
    closeSync(file);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
