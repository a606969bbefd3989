// How old a tree of files is: as its newest file. A checkout dates its files to the commit.

import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Seconds since the epoch; undefined for a tree without files. Directories do not count: unpacking dates some of them to now. */
export function newestFile(directory: string): number | undefined {
  let newest: number | undefined;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    const { mtimeMs } = lstatSync(join(entry.parentPath ?? entry.path, entry.name));
    newest = Math.max(newest ?? 0, Math.floor(mtimeMs / 1000));
  }
  return newest;
}
