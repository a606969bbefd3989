// The files of an image in a directory of this machine: `-o type=local`. They are ours, whoever owns them in the image.

import { chmodSync, closeSync, constants, linkSync, lstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { renameSync, rmSync, symlinkSync, writeSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { outputError } from "../../archives/index.js";
import { makeDirectories, stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import {
  encodeName,
  type Entry,
  type FileRegion,
  hostPath,
  makeNode,
  Pace,
  setAttributes,
  removeTree,
} from "../../filesystem/index.js";
import type { RootFiles } from "./root-files.js";
import { removeOthers } from "./remove-others.js";

export interface LocalOptions {
  /** `copy` keeps what the directory has beside the image's files, `delete` removes it. @default "copy" */
  readonly mode?: "copy" | "delete";
  readonly signal?: AbortSignal;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const PIECE = Buffer.allocUnsafeSlow(1 << 20);

/**
 * Writes nothing through a symlink of `dest`, nor into a file that has other names: what is in the way is replaced. The mode,
 * times and own extended attributes are the image's.
 * @throws output_failed; digest_mismatch when a layer is damaged
 */
export async function writeRootDirectory(files: RootFiles, dest: string, options: LocalOptions = {}): Promise<void> {
  const pace = new Pace(options.signal);
  try {
    makeDirectories(dest);
    for (const entry of files.entries) {
      if (pace.isDue()) await pace.rest();
      make(entry, dest, files);
    }
    if (options.mode === "delete") removeOthers(files.entries, dest);
    for (const entry of files.entries.toReversed())
      if (entry.type === "directory") setAttributes(join(dest, entry.path), entry, OURS);
  } catch (error) {
    throw outputError(error, dest, options.signal);
  }
}

const OURS = { ownership: "record" } as const;

function make(entry: Entry, dest: string, { contentOf }: RootFiles): void {
  const place = `${dest}/${entry.path}`;
  if (entry.type === "directory") return makeDirectory(place);
  const staged = stagedName(place);
  try {
    if (entry.hardlink !== undefined) linkSync(hostPath(`${dest}/${entry.hardlink}`), hostPath(staged));
    else {
      makeFile(entry, staged, contentOf);
      setAttributes(staged, entry, OURS);
    }
    takePlace(staged, place);
  } catch (error) {
    rmSync(hostPath(staged), { force: true });
    throw error;
  }
}

/** Its attributes come last: a directory may forbid to write in it. */
function makeDirectory(place: string): void {
  const path = hostPath(place);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return chmodSync(path, (found.mode & 0o7777) | 0o700);
  if (found) rmSync(path);
  mkdirSync(path, 0o700);
}

function makeFile(entry: Entry, staged: string, contentOf: RootFiles["contentOf"]): void {
  if (entry.type === "symlink") symlinkSync(encodeName(entry.target ?? ""), hostPath(staged));
  else if (entry.type === "file") writeFile(entry, staged, contentOf);
  else if (entry.type !== "directory") makeSpecial(entry, staged, entry.type);
}

function makeSpecial(entry: Entry, staged: string, type: "character" | "block" | "fifo"): void {
  try {
    makeNode(staged, type, entry.device);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    throw new TsbuildError("output_failed", `cannot make the device "/${entry.path}": only root may`, {
      cause: error,
      hint: "Write a tar instead, by type=tar, or build as root.",
    });
  }
}

function writeFile(entry: Entry, staged: string, contentOf: RootFiles["contentOf"]): void {
  const output = openSync(hostPath(staged), NEW_FILE, 0o600);
  try {
    const digest = entry.size === 0 ? entry.digest : copyRegion(contentOf(entry), entry.size, output);
    if (entry.digest !== undefined && digest !== entry.digest)
      throw new TsbuildError("digest_mismatch", `"/${entry.path}": expected ${entry.digest}, read ${digest}`);
  } finally {
    closeSync(output);
  }
}

function copyRegion({ path, offset }: FileRegion, size: number, output: number): string {
  const hasher = createHash("sha256");
  const input = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (let done = 0; done < size;) {
      const count = readSync(input, PIECE, 0, Math.min(PIECE.length, size - done), offset + done);
      if (count === 0) break;
      const bytes = PIECE.subarray(0, count);
      hasher.update(bytes);
      for (let at = 0; at < count;) at += writeSync(output, bytes, at);
      done += count;
    }
  } finally {
    closeSync(input);
  }
  return `sha256:${hasher.digest("hex")}`;
}

/** rename(2) leaves both names where they are when they already are one file, and replaces no directory. */
function takePlace(staged: string, place: string): void {
  if (lstatSync(hostPath(place), { throwIfNoEntry: false })?.isDirectory()) removeTree(place);
  renameSync(hostPath(staged), hostPath(place));
}
