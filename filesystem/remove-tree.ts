// Removes directories whose modes keep their own owner out: steps of ordinary users make such, and overlayfs does.

import { chmodSync, readdirSync, rmSync } from "node:fs";
import { hostPath } from "./path-bytes.js";
import { namesIn, statOf } from "./host-entry.js";

/** Removes the file or directory, and all that is in it. What is not there is no error. */
export function removeTree(path: string): void {
  try {
    remove(path);
  } catch (error) {
    if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    openUp(path);
    remove(path);
  }
}

/** Others may be at work in it: that is tried again. */
const remove = (path: string): void => rmSync(hostPath(path), { recursive: true, force: true, maxRetries: 2 });

function openUp(directory: string): void {
  chmodSync(hostPath(directory), 0o700);
  const mayHaveDirectories = readdirSync(hostPath(directory), { withFileTypes: true }).some((entry) =>
    entry.isDirectory(),
  );
  for (const name of mayHaveDirectories ? namesIn(directory) : []) {
    const path = `${directory}/${name}`;
    if (statOf(path).isDirectory()) openUp(path);
  }
}
