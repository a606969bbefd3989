// Advisory locks on open files, between processes and within one.
// https://man7.org/linux/man-pages/man2/flock.2.html

import { type Libc, libc, runTool } from "./sys.js";

export interface LockOptions {
  /** Whether others may not hold the lock at the same time, not even as readers. @default false */
  readonly exclusive?: boolean;
  /** Whether to give up at once when others hold the lock; else the whole process waits. @default false */
  readonly nonblocking?: boolean;
}

const SHARED = 1;
const EXCLUSIVE = 2;
const NONBLOCKING = 4;
/** The exit status of flock(1) when others hold the lock. */
const HELD = 1;

/**
 * Locks the file that `fd` has open until that is closed, or the process ends. A lock that `fd` has already is changed.
 * Returns false only when others hold the lock and `nonblocking` is set.
 */
export function flock(fd: number, options: LockOptions = {}): boolean {
  const c = libc();
  return c ? call(c, fd, options) : runFlock(fd, options);
}

/** Loads what `flock` needs, as soon as there is nothing else to do: for who waits for bytes first, and will lock then. */
export function prepareFlock(): void {
  setImmediate(libc);
}

/** The lock stays when the tool has ended, because it belongs to the open file. */
function runFlock(fd: number, { exclusive, nonblocking }: LockOptions): boolean {
  const flags = [exclusive ? "-x" : "-s", ...(nonblocking ? ["-n"] : [])];
  return runTool("flock", [...flags, "3"], { stdio: ["ignore", "ignore", "ignore", fd], expected: HELD }).status === 0;
}

function call(c: Libc, fd: number, { exclusive, nonblocking }: LockOptions): boolean {
  try {
    c.call("flock", undefined, fd, (exclusive ? EXCLUSIVE : SHARED) | (nonblocking ? NONBLOCKING : 0));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
    throw error;
  }
}
