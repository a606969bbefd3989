// What files take on the disk: blocks, not lengths, and each file once, however many names it has.

import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { hostPath } from "../filesystem/index.js";

const BLOCK = 512;

/** Bytes on the disk of a file, or of a directory and all below it; 0 when it is not there. */
export function bytesOnDisk(path: string, seen: Set<string> = new Set()): number {
  const stats = lstatSync(hostPath(path), { throwIfNoEntry: false });
  if (!stats) return 0;
  if (stats.nlink > 1 && !stats.isDirectory()) {
    const inode = `${stats.dev}:${stats.ino}`;
    if (seen.has(inode)) return 0;
    seen.add(inode);
  }
  const own = stats.blocks * BLOCK;
  if (!stats.isDirectory()) return own;
  return entriesOf(path).reduce((sum, { name }) => sum + bytesOnDisk(`${path}/${name}`, seen), own);
}

/** Nothing when the directory is not there, or was removed meanwhile. */
export function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(hostPath(path), { withFileTypes: true, encoding: "utf8" });
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

export function namesIn(path: string): string[] {
  return entriesOf(path)
    .map(({ name }) => name)
    .filter((name) => !name.endsWith(".tmp"));
}
