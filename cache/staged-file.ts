// A file that is written beside its place and takes it when it is whole. Its writer holds a lock on it, so that the next
// writer of the same place can tell what a killed one left, in whatever pid namespace that was.

import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { flock } from "../filesystem/index.js";
import { errorCode, makeDirectories, stagedName, stagedPrefix } from "./files.js";

export interface StagedFile {
  /** Where to write. The file is there, and empty. */
  readonly path: string;
  /** Moves the file to its place. */
  commit(): void;
  /** Removes what was not moved. */
  end(): void;
}

/** What `stagedName` adds to a name. */
const SUFFIX = /^\.\d+-[0-9a-z]+-\d+\.tmp$/;

/** Makes the file, and the directories above it; removes what writers of `place` left who are dead. */
export function stageFile(place: string): StagedFile {
  makeDirectories(dirname(place));
  removeAbandoned(place);
  const path = stagedName(place);
  const fd = openSync(path, "wx", 0o644);
  // Another writer that looks in this instant takes it for abandoned.
  const isOurs = flock(fd, { exclusive: true, nonblocking: true }) && fstatSync(fd).nlink > 0;
  if (!isOurs) {
    closeSync(fd);
    return stageFile(place);
  }
  let isOpen = true;
  return {
    path,
    commit: () => renameSync(path, place),
    end() {
      if (!isOpen) return;
      isOpen = false;
      rmSync(path, { force: true });
      closeSync(fd);
    },
  };
}

function removeAbandoned(place: string): void {
  const name = stagedPrefix(basename(place));
  const isStaged = (other: string) => other.startsWith(name) && SUFFIX.test(other.slice(name.length));
  for (const other of namesIn(dirname(place)).filter(isStaged)) removeUnlocked(join(dirname(place), other));
}

/** None of a directory that may be written and not read. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "EACCES") return [];
    throw error;
  }
}

function removeUnlocked(path: string): void {
  try {
    const fd = openSync(path, "r");
    if (flock(fd, { exclusive: true, nonblocking: true })) rmSync(path, { force: true });
    closeSync(fd);
  } catch (error) {
    if (!["ENOENT", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) throw error;
  }
}
