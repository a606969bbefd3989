// Files that a command writes for its user, beside what the build writes.

import { lstatSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { TsbuildError } from "../../index.js";

/** Writes the file whole or not at all; links, devices and pipes, such as /dev/stdout, are written through. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const staged = isReplaceable(path) ? `${path}.${process.pid}.tmp` : path;
  try {
    await writeFile(staged, text);
    if (staged !== path) await rename(staged, path);
  } catch (cause) {
    if (staged !== path) await rm(staged, { force: true });
    cannotWrite(path, cause);
  }
}

/** Whether there is nothing, or an ordinary file. */
export function isReplaceable(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

/** @throws output_failed */
export function cannotWrite(path: string, cause: unknown): never {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const hint = "Choose a path in a folder that exists and may be written.";
  throw new TsbuildError("output_failed", `cannot write "${path}": ${reason}`, { hint, cause });
}
