// Scratch directories: whatever a build has not finished. Each has a lock that its process holds; one whose lock can be
// taken belonged to a process that died, and is removed, with the cgroups that the process had made.

import { appendFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { removeDirectories, removeEmpty, tryRemoveTree } from "../filesystem/index.js";
import { errorCode, readIfPresent, storeError } from "./files.js";
import { type Lock, tryLock } from "./lock.js";

export interface Scratch {
  readonly path: string;
  /** Notes a cgroup that is about to be made, so that it is removed at the end, even if this process is killed. */
  noteCgroup(cgroup: NotedCgroup): void;
  /** Removes the directory and all in it. What resists is left to the next process. */
  remove(): void;
}

export interface NotedCgroup {
  readonly directory: string;
  /** step: goes with those in it. parent: others may use it too, so it goes when it is empty. */
  readonly use: "step" | "parent";
}

/** What a process that died has left, and cannot be removed. */
export interface Leftover {
  readonly path: string;
  /** `EPERM` */
  readonly reason: string;
}

/** Makes a directory below `parent` that lives as long as this process, or until it is removed. */
export function makeScratch(parent: string): Scratch {
  const path = join(parent, `${process.pid}-${process.hrtime.bigint().toString(36)}`);
  const lock = tryLock(`${path}.lock`);
  if (!lock) return makeScratch(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    lock.remove();
    throw storeError(error, path);
  }
  return {
    path,
    noteCgroup: ({ use, directory }) => appendFileSync(cgroupsOf(path), `${use} ${directory}\n`),
    remove: () => void removeLocked(path, lock),
  };
}

/** Removes what processes that were killed have left. @returns what is still there */
export function removeDeadScratch(parent: string): readonly Leftover[] {
  return readNames(parent).flatMap((name) => {
    const lock = name.endsWith(".lock") ? tryLock(join(parent, name)) : undefined;
    return (lock && removeLocked(join(parent, name.slice(0, -".lock".length)), lock)) ?? [];
  });
}

/** Whether a process, dead or alive, has noted cgroups. */
export const hasCgroups = (parent: string): boolean => readNames(parent).some((name) => name.endsWith(CGROUPS));

function removeLocked(path: string, lock: Lock): Leftover | undefined {
  const areCgroupsGone = removeCgroups(cgroupsOf(path));
  const reason = tryRemoveTree(path);
  if (areCgroupsGone && reason === undefined) lock.remove();
  else lock.release();
  return reason === undefined ? undefined : { path, reason };
}

const CGROUPS = ".cgroups";
const cgroupsOf = (path: string): string => `${path}${CGROUPS}`;

/** One that still has processes stays noted. The deepest come first. */
function removeCgroups(list: string): boolean {
  const text = readIfPresent(list)?.toString("utf8");
  if (text === undefined) return true;
  const lines = text.match(/.+/g)?.reverse() ?? [];
  const areGone = lines.map(removeCgroup).every((isGone) => isGone);
  if (areGone) rmSync(list, { force: true });
  return areGone;
}

function removeCgroup(line: string): boolean {
  const directory = line.slice(line.indexOf(" ") + 1);
  return line.startsWith("parent ") ? removeEmpty(directory) : removeDirectories(directory);
}

function readNames(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
