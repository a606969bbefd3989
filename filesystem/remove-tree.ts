// Removes directories whatever is in them: modes that keep their own owner out, as steps of ordinary users and overlayfs make
// them, and paths that are longer than the system takes.

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from "node:fs";
import { O_PATH } from "./deep-path.js";
import { hostPath } from "./path-bytes.js";

/** Removes the file or directory, and all that is in it. What is not there is no error. */
export function removeTree(path: string): void {
  try {
    rmSync(hostPath(path), { recursive: true, force: true, maxRetries: 2 }); // others may be at work in it
  } catch (error) {
    if (!lstatSync(hostPath(path), { throwIfNoEntry: false })?.isDirectory()) throw error;
    dismantle(path); // its error is the one that tells
  }
}

/** As `removeTree`, of what somebody removes later if this does not. @returns why some of it is still there */
export function tryRemoveTree(path: string): string | undefined {
  try {
    removeTree(path);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}

/** Removes a directory of a file system whose files go with their directories, as cgroups do. @returns true when it is gone */
export function removeDirectories(path: string): boolean {
  for (const entry of entriesOf(path)) if (entry.isDirectory()) removeDirectories(`${path}/${entry.name}`);
  return removeEmpty(path);
}

/** Removes a directory if there is nothing in it. @returns true when it is gone */
export function removeEmpty(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === "ENOENT";
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return []; // what is wrong with it, removing it tells
  }
}

/** Moves each directory to the top before it is emptied, so that no path gets long. */
function dismantle(path: string): void {
  const fd = openSync(hostPath(path), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    empty(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
  rmdirSync(hostPath(path));
}

function empty(top: string): void {
  const unique = randomBytes(6).toString("hex");
  const pending: Buffer[] = [];
  let moved = 0;
  const moveToTop = (directory: Buffer): void => {
    const place = Buffer.from(`${top}/.${unique}-${moved++}`);
    chmodSync(directory, 0o700); // else its owner may not move it
    renameSync(directory, place);
    pending.push(place);
  };
  clear(Buffer.from(top), moveToTop);
  for (let directory = pending.pop(); directory; directory = pending.pop()) {
    clear(directory, moveToTop);
    rmdirSync(directory);
  }
}

function clear(directory: Buffer, onDirectory: (path: Buffer) => void): void {
  chmodSync(directory, 0o700);
  for (const name of readdirSync(directory, "buffer")) {
    const path = Buffer.concat([directory, Buffer.from("/"), name]);
    if (lstatSync(path).isDirectory()) onDirectory(path);
    else unlinkSync(path);
  }
}
