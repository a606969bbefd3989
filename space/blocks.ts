// What files take on the disk: blocks, not lengths, and each file once, however many names it has.

import { type Dirent, lstatSync, readdirSync, type Stats } from "node:fs";
import { hostPath } from "../filesystem/index.js";

const BLOCK = 512;

/** Bytes on the disk of a file, or of a directory and all below it; 0 when it is not there. */
export function bytesOnDisk(path: string, seen: Set<string> = new Set()): number {
  const pending = [path];
  let sum = 0;
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const stats = lstatSync(hostPath(place), { throwIfNoEntry: false });
    if (!stats || isKnown(stats, seen)) continue;
    sum += stats.blocks * BLOCK;
    if (stats.isDirectory()) for (const { name } of entriesOf(place)) pending.push(`${place}/${name}`);
  }
  return sum;
}

/** Of a file with several names: whether one was counted. */
function isKnown(stats: Stats, seen: Set<string>): boolean {
  if (stats.nlink === 1 || stats.isDirectory()) return false;
  const inode = `${stats.dev}:${stats.ino}`;
  if (seen.has(inode)) return true;
  seen.add(inode);
  return false;
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
