// Whether a directory is a store, may become one, or is somebody else's: a mistyped place must never be mixed with others' files.

import { chmodSync, readdirSync, statSync } from "node:fs";
import { basename } from "node:path";
import { TsbuildError } from "../errors.js";
import { errorCode, readIfPresent, storeError, writeFileAtomic } from "./files.js";
import { makeLayout } from "./layout.js";
import { STORE_VERSION, type StorePaths } from "./paths.js";

/** What may be there before the store: limits that the user wrote, and what filesystems have at their top. */
const BEFORE_THE_STORE = ["gc.json", "lost+found"];

/** False when the store can be made there. @throws not_a_store, store_version, store_unwritable when one may not look */
export function findStore(paths: StorePaths): boolean {
  const version = readIfPresent(paths.version)?.toString("utf8").trim();
  if (version === undefined) {
    refuseForeign(paths);
    return false;
  }
  if (Number(version) === STORE_VERSION) return true;
  const message = `expected a store of version ${STORE_VERSION} in "${paths.root}", found version "${version}"`;
  throw new TsbuildError("store_version", message, {
    hint: "Use the tsbuild that made this store, or set TSBUILD_HOME to another directory.",
  });
}

/** The version comes first: what a killed process left is a store, and made whole by the next one. */
export function createStore(paths: StorePaths): void {
  writeFileAtomic(paths.version, `${STORE_VERSION}\n`);
  makeLayout(paths);
}

/**
 * Unpacked layers have programs of images, and setuid ones among them, which other users of the machine must not be able to start.
 * Whoever owns the store closes it; of others' and of what cannot be changed it stays as it is.
 */
export function closeToOthers(root: string): void {
  const { mode, uid } = statSync(root);
  if ((mode & 0o077) === 0 || uid !== process.geteuid!()) return;
  try {
    chmodSync(root, mode & 0o7700);
  } catch (error) {
    if (!["EPERM", "EROFS"].includes(errorCode(error) ?? "")) throw error;
  }
}

function refuseForeign(paths: StorePaths): void {
  const names = namesIn(paths.root).filter((name) => !BEFORE_THE_STORE.includes(name));
  const isBegun = names.some((name) => name.startsWith(basename(paths.version))); // by another process, in this instant
  if (names.length === 0 || isBegun) return;
  throw notAStore(`expected a store of tsbuild or an empty directory at "${paths.root}", found other files`);
}

function notAStore(message: string): TsbuildError {
  return new TsbuildError("not_a_store", message, {
    hint: "Name an empty directory, or one that is not there yet, with --home or TSBUILD_HOME.",
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    if (errorCode(error) !== "ENOTDIR") throw storeError(error, directory);
    throw notAStore(`expected a directory at "${directory}", found a file in its place`);
  }
}
