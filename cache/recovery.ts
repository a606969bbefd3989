// After a power failure: files whose names reached the disk may lack their content. Nothing is flushed while building,
// which would cost more than the build; instead the store remembers since when it was written to, and after a restart of
// the machine what is younger than that is checked or dropped. Everything dropped is made again from what is kept.

import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { removeTree } from "../filesystem/index.js";
import { errorCode, storeError, writeFileAtomic } from "./files.js";
import type { StorePaths } from "./paths.js";

/** The kernel has written everything older than this, in seconds (vm.dirty_expire_centisecs is 30 s by default). */
const WRITTEN_AFTER = 120;

/** Says that this process is about to write. The time of the marker is when unwritten content may begin. */
export function noteWriting(paths: StorePaths): void {
  const marker = join(paths.journal, bootId());
  const since = Date.now() / 1000 - WRITTEN_AFTER;
  const known = statSync(marker, { throwIfNoEntry: false });
  if (known && known.mtimeMs / 1000 > since) return;
  if (!known) writeFileAtomic(marker, "");
  try {
    utimesSync(marker, since, since);
  } catch (error) {
    throw storeError(error, marker);
  }
}

/** Checks what was written before the machine last stopped, when it has started anew since then. */
export function recover(paths: StorePaths): void {
  for (const boot of namesIn(paths.journal)) {
    if (boot === bootId() || boot.endsWith(".tmp")) continue;
    const marker = join(paths.journal, boot);
    const since = statSync(marker, { throwIfNoEntry: false })?.mtimeMs;
    if (since === undefined) continue; // another process was quicker
    try {
      checkYoungerThan(paths, since);
      rmSync(marker, { force: true });
    } catch (error) {
      throw storeError(error, paths.root);
    }
  }
}

function checkYoungerThan(paths: StorePaths, since: number): void {
  for (const { path, name } of youngerThan(paths.blobs, since))
    if (!isWhole(path, `sha256:${name}`)) rmSync(path, { force: true });
  for (const directory of [paths.layerIndexes, paths.layers, paths.sources]) {
    for (const { path } of youngerThan(directory, since)) removeTree(path);
  }
}

/** By ctime: the time of a rename into the store. */
function youngerThan(directory: string, since: number): { path: string; name: string }[] {
  return namesIn(directory)
    .map((name) => ({ name, path: join(directory, name) }))
    .filter(({ path }) => (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) >= since);
}

/** Whether a file has the bytes that its digest says. False when it is gone. */
export function isWhole(path: string, digest: string): boolean {
  try {
    return `sha256:${hashOf(path)}` === digest;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function hashOf(path: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, "r");
  try {
    for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) hash.update(piece.subarray(0, count));
    return hash.digest("hex");
  } finally {
    closeSync(fd);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** A name for the time since the machine was started. */
function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}
