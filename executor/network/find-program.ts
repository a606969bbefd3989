// A program by its name, where shells look for it.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** @param path directories as in PATH; @default those of the process, and where only root has them in its PATH */
export function findProgram(
  name: string,
  path = [process.env.PATH ?? "", "/usr/sbin", "/sbin"].join(delimiter),
): string | undefined {
  return path
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
