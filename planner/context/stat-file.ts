// Reads and writes the file of a stat index: whole or not at all, whoever else does so at the same time.

import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** An index only saves time, so these are no reason to fail. Whoever needs to write to the store will say so. */
const UNWRITABLE = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"];

export function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (["ENOENT", "EACCES"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Does nothing when the place cannot be written to. */
export function writeAtomically(path: string, bytes: Uint8Array): void {
  const staged = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(staged, bytes, { flag: "wx" });
    renameSync(staged, path);
  } catch (error) {
    rmSync(staged, { force: true });
    if (!UNWRITABLE.includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}
