// Paths that are longer than the system takes, as directories nested by chdir have them: a directory on the way is opened,
// and the rest is named from there.
// man 7 path_resolution (Length limit), man 2 open (O_PATH), man 5 proc (/proc/pid/fd)

import { closeSync, constants, openSync } from "node:fs";

/** PATH_MAX of limits.h, less the NUL. */
export const LONGEST_PATH = 4095;

/** Characters of a path in a layer. Twice what the system takes in one piece, and so shallow that work on trees may be recursive. */
export const LONGEST_IN_LAYER = 8192;

/** Node has no name for it. */
export const O_PATH = 0o10000000;

/** So much leaves room for the name of the directory that it is relative to. */
const LONGEST_PIECE = 4000;

/** More than the paths that are in use at once. */
const MOST_HELD = 64;

const SLASH = 0x2f;
const CLOSED = ["ENOENT", "ENOTDIR", "EACCES", "ELOOP"];
const held: number[] = [];

/**
 * A path that the system takes for the file at `path`, which is too long. It is good for the next few paths only: it must be
 * used at once. Where a directory on the way cannot be opened, using it fails as using `path` would.
 */
export function reachable(path: Buffer): Buffer {
  let rest = path;
  let base = Buffer.alloc(0);
  while (rest.length > LONGEST_PIECE) {
    const end = rest.subarray(0, LONGEST_PIECE).lastIndexOf(SLASH);
    if (end <= 0) return path; // a name that no directory can have
    const piece = Buffer.concat([base, rest.subarray(0, end)]);
    const fd = openDirectory(piece);
    if (fd === undefined) return Buffer.concat([piece, Buffer.from("/.")]);
    base = Buffer.from(`/proc/self/fd/${fd}/`);
    rest = rest.subarray(end + 1);
  }
  return Buffer.concat([base, rest]);
}

/** The path as messages have it: of a very long one the ends, which say enough. */
export const shortPath = (path: string): string =>
  path.length < 500 ? path : `${path.slice(0, 150)}…${path.slice(-50)}`;

/** Undefined when there is none, or it may not be entered. */
function openDirectory(path: Buffer): number | undefined {
  try {
    const fd = openSync(path, O_PATH | constants.O_DIRECTORY);
    held.push(fd);
    if (held.length > MOST_HELD) closeSync(held.shift()!);
    return fd;
  } catch (error) {
    if (!CLOSED.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return undefined;
  }
}
