// Locks between processes: flock(2) on a file, so that a lock dies with its holder, in whatever pid namespace that was.

import { closeSync, fstatSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { flock } from "../filesystem/index.js";
import { errorCode, makeDirectories, storeError } from "./files.js";

export interface Lock {
  /** Lets the next one in. The file stays. */
  release(): void;
  /** Removes the file, then lets go. */
  remove(): void;
}

export interface LockOptions {
  /** Several holders of a shared lock exclude those of an exclusive one. @default false */
  readonly shared?: boolean;
}

/** Takes the lock, or returns undefined when somebody holds it. */
export function tryLock(path: string, { shared = false }: LockOptions = {}): Lock | undefined {
  const fd = openLockFile(path);
  if (flock(fd, { exclusive: !shared, nonblocking: true }) && isStillThere(fd, path)) return lockOn(fd, path);
  closeSync(fd);
  return undefined;
}

/** Waits for the lock, and the whole process with it: for locks that are held for an instant. */
export function lockFile(path: string, { shared = false }: LockOptions = {}): Lock {
  const fd = openLockFile(path);
  flock(fd, { exclusive: !shared });
  return lockOn(fd, path);
}

/** Waits for the lock. */
export async function acquireLock(
  path: string,
  { signal, ...options }: LockOptions & { readonly signal?: AbortSignal } = {},
): Promise<Lock> {
  for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
    const lock = tryLock(path, options);
    if (lock) return lock;
    await sleep(pause, undefined, signal ? { signal } : {});
  }
}

function lockOn(fd: number, path: string): Lock {
  return {
    release: () => closeSync(fd),
    remove: () => {
      rmSync(path, { force: true });
      closeSync(fd);
    },
  };
}

function openLockFile(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw storeError(error, path);
    makeDirectories(dirname(path));
    return openSync(path, "a", 0o600);
  }
}

/** False when the file was removed between open and lock: its lock would exclude nobody. */
function isStillThere(fd: number, path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}
