// How files get into the store: staged beside their place, then renamed, so that a reader sees all of a file or none.

import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TsbuildError } from "../errors.js";
import { removeTree } from "../filesystem/index.js";

let sequence = 0;

/** Bytes that a name may have, and those that `stagedName` adds at most: its three numbers, and what is between them. */
const LONGEST_NAME = 255;
const LONGEST_SUFFIX = 48;

/** A name that no other write of this or another process uses. */
export function stagedName(path: string): string {
  const suffix = `.${process.pid}-${process.hrtime.bigint().toString(36)}-${sequence++}.tmp`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return path.slice(0, path.length - name.length) + stagedPrefix(name) + suffix;
}

/** What the staged name of `name` begins with: as much of it as leaves room for the rest. */
export function stagedPrefix(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME - LONGEST_SUFFIX) return name;
  const characters = [...name];
  while (Buffer.byteLength(characters.join("")) > LONGEST_NAME - LONGEST_SUFFIX) characters.pop();
  return characters.join("");
}

/** Whether a rename may put a file there: nothing is, or a plain file. Devices, pipes and links are to be written through. */
export function isReplaceable(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

/** Writes a small file so that it is there whole or not at all. Missing parents are made. */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const staged = stagedName(path);
  try {
    writeNew(staged, content);
    renameSync(staged, path);
  } catch (error) {
    rmSync(staged, { force: true });
    throw storeError(error, path);
  }
}

function writeNew(path: string, content: Uint8Array | string): void {
  try {
    writeFileSync(path, content, { flag: "wx", mode: 0o644 });
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    makeDirectories(dirname(path));
    writeFileSync(path, content, { flag: "wx", mode: 0o644 });
  }
}

/** The bytes of a file, or undefined when it is not there, nor its directory. */
export function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return undefined;
    throw storeError(error, path);
  }
}

/** Moves a finished file or directory to its place. What is there already is as good and stays. */
export function moveInto(staged: string, path: string): void {
  try {
    makeDirectories(dirname(path));
    renameSync(staged, path);
  } catch (error) {
    if (errorCode(error) !== "ENOTEMPTY" && errorCode(error) !== "EEXIST") throw storeError(error, path);
    removeTree(staged);
  }
}

/** Makes a directory with its parents. Node's own way says ENOENT where the truth is EROFS or EACCES, and never ends below /proc. */
export function makeDirectories(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return;
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    makeDirectories(dirname(path));
    makeOne(path);
  }
}

/** Another process may have been quicker. */
function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT")
      throw new TsbuildError("store_unwritable", `cannot make the directory "${path}"`, { cause: error });
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Says in the user's words why the store cannot be written; other errors are returned as they are. */
export function storeError(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new TsbuildError("store_full", `no space left to write "${path}"`, {
        cause: error,
        hint: "Free space on this filesystem, or set TSBUILD_HOME to a directory on a larger one.",
      });
    case "EROFS":
      return unwritable(error, path, "the filesystem is read-only");
    case "ENOTDIR":
      return unwritable(error, path, "a file is where a directory should be");
    case "EACCES":
    case "EPERM":
      return unwritable(error, path, "permission denied");
    default:
      return error;
  }
}

function unwritable(cause: unknown, path: string, reason: string): TsbuildError {
  return new TsbuildError("store_unwritable", `cannot write "${path}": ${reason}`, {
    cause,
    hint: "Make the store writable, or set TSBUILD_HOME to a directory that you own.",
  });
}
