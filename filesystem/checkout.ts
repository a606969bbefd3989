// A whole tree as files of the host, for where no overlay can be mounted, and what was done to it since.

import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Entry } from "./entry.js";
import type { FileTree } from "./file-tree.js";
import { statOf } from "./host-entry.js";
import { writeError } from "./io-error.js";
import { Pace } from "./pace.js";
import { hostPath } from "./path-bytes.js";
import type { FileRegion } from "./region.js";
import type { UnpackOptions } from "./unpack.js";
import { Unpacker } from "./unpacker.js";

export interface CheckOutOptions extends Pick<UnpackOptions, "ownership" | "userxattr" | "signal"> {
  /** The content of a file that is not empty. */
  readonly contentOf: (entry: Entry) => FileRegion;
  /** Names with the same answer are made names of one file. @default none: each is a file of its own, as after a copy-up (S-168) */
  readonly inodeOf?: (entry: Entry) => string | undefined;
  /** Empty files and directories beside those of the tree, parents first: places to mount on. @default none */
  readonly extra?: readonly Entry[];
}

export interface Checkout {
  /** Whether a file, or an `extra` directory, is as it was checked out. Other directories are compared with the tree. */
  isUntouched(path: string, stat: BigIntStats): boolean;
}

/**
 * Makes the files of `tree` in `directory`, which is missing or empty.
 * @throws source_changed, store_full, store_unwritable, interrupted
 */
export async function checkOut(tree: FileTree, directory: string, options: CheckOutOptions): Promise<Checkout> {
  const pace = new Pace(options.signal);
  const { extra = [] } = options;
  const unpacker = new Unpacker(directory, { ...options, parent: tree });
  const firsts = new Map<string, string>();
  try {
    for (const { hardlink: _, ...entry } of tree.walk()) {
      if (pace.isDue()) await pace.rest();
      const inode = options.inodeOf?.(entry);
      const first = inode === undefined ? undefined : firsts.get(inode);
      if (first !== undefined) unpacker.begin({ ...entry, hardlink: first });
      else make(unpacker, entry, options);
      if (inode !== undefined && first === undefined) firsts.set(inode, entry.path);
    }
    for (const entry of extra) make(unpacker, entry, options);
    const looks = await looksOf(directory, [...tree.walk(), ...extra], pace); // before directories are closed
    unpacker.finish();
    await nextTick(`${directory}.tick`);
    return new Touches(looks, extra);
  } catch (error) {
    throw writeError(error, `copy layers to "${directory}"`);
  } finally {
    unpacker.close();
  }
}

const buffer = Buffer.alloc(256 * 1024);

function make(unpacker: Unpacker, entry: Entry, { contentOf }: CheckOutOptions): void {
  unpacker.begin(entry);
  if (entry.type !== "file") return;
  if (entry.size > 0) copyContent(unpacker, entry, contentOf(entry));
  unpacker.end(entry);
}

function copyContent(unpacker: Unpacker, { size }: Entry, { path, offset }: FileRegion): void {
  const fd = openReadable(path);
  try {
    for (let done = 0; done < size;) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.length, size - done), offset + done);
      if (count === 0) throw new Error(`${String(path)} ends before the ${size} bytes that the index promises`);
      unpacker.content(buffer.subarray(0, count));
      done += count;
    }
  } finally {
    closeSync(fd);
  }
}

/** An unpacked layer is ours, also where the mode of a file keeps us out. */
function openReadable(path: string | Buffer): number {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
  }
  const { mode } = lstatSync(path);
  chmodSync(path, 0o600);
  try {
    return openSync(path, flags);
  } finally {
    chmodSync(path, mode & 0o7777);
  }
}

interface Look {
  readonly inode: bigint;
  readonly changed: bigint;
}

async function looksOf(root: string, entries: readonly Entry[], pace: Pace): Promise<ReadonlyMap<string, Look>> {
  const looks = new Map<string, Look>();
  for (const { path, type } of entries) {
    if (pace.isDue()) await pace.rest();
    if (type !== "directory") looks.set(path, lookOf(statOf(`${root}/${path}`)));
  }
  return looks;
}

/** Whatever is done to a file changes the time of its last change, once the clock of the filesystem has moved on. */
class Touches implements Checkout {
  readonly #looks: ReadonlyMap<string, Look>;
  readonly #extra: ReadonlyMap<string, Entry>;

  constructor(looks: ReadonlyMap<string, Look>, extra: readonly Entry[]) {
    this.#looks = looks;
    this.#extra = new Map(extra.map((entry) => [entry.path, entry]));
  }

  isUntouched(path: string, stat: BigIntStats): boolean {
    if (stat.isDirectory()) return this.#isAsMade(this.#extra.get(path), stat);
    const look = this.#looks.get(path);
    return look?.inode === stat.ino && look.changed === stat.ctimeNs;
  }

  #isAsMade(entry: Entry | undefined, { mode, mtimeNs }: BigIntStats): boolean {
    return (
      entry !== undefined && (Number(mode) & 0o7777) === entry.mode && mtimeNs === BigInt(entry.mtime) * 1_000_000_000n
    );
  }
}

const lookOf = ({ ino, ctimeNs }: BigIntStats): Look => ({ inode: ino, changed: ctimeNs });

/** Waits until a file that is made has another time than one that was made before. */
async function nextTick(path: string): Promise<void> {
  const now = (): bigint => {
    writeFileSync(hostPath(path), "");
    const { ctimeNs } = statOf(path);
    rmSync(hostPath(path));
    return ctimeNs;
  };
  for (const start = now(); now() === start;) await setTimeout(1);
}
