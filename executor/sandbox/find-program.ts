// Programs of this machine.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** PATH of the process, and where Debian has programs for root that a user's PATH leaves out. */
export const PROGRAM_PATH = [process.env.PATH ?? "", "/usr/sbin", "/sbin"].join(delimiter);

export function findProgram(name: string, path = PROGRAM_PATH): string | undefined {
  return path
    .split(delimiter)
    .filter((directory) => directory.startsWith("/"))
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
