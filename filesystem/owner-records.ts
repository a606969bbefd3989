// Who owns what a step left on a disk that has one owner for all: by the records of files, the notes of those that can have no
// record, and the layers below.

import { type BigIntStats, readFileSync } from "node:fs";
import type { Entry } from "./entry.js";
import type { FileTree } from "./file-tree.js";
import { canHaveRecord, isRoots, type Owner, recordedOwner } from "./recorded-owner.js";
import type { Xattrs } from "./xattr.js";

export interface RecordedOwners {
  /** Of what is new: the step's user. */
  readonly owner: Owner;
  /** The file that `SandboxSpec.ownerNotes` named; it may be missing. @default none */
  readonly notes?: string;
}

/** What is known of a file. */
export interface OwnedFile {
  readonly entry: Entry;
  readonly stat: BigIntStats;
  readonly xattrs: Xattrs | undefined;
  /** What the layers below have there. */
  readonly below: Entry | undefined;
  readonly directory: Entry;
}

const NANOSECONDS = 1_000_000_000n;
const SETGID = 0o2000;

export class OwnerRecords {
  readonly #owner: Owner;
  readonly #notes: ReadonlyMap<bigint, Note>;
  readonly #areKept: () => boolean;
  readonly #parent: FileTree;
  #movable: ReadonlyMap<string, Owner> | undefined;

  /** @param areKept whether the filesystem can have records, so that a file without one has no owner but root or the step's user */
  constructor({ owner, notes }: RecordedOwners, parent: FileTree, areKept: () => boolean) {
    this.#owner = owner;
    this.#notes = notes === undefined ? new Map() : readNotes(notes);
    this.#areKept = areKept;
    this.#parent = parent;
  }

  ownerOf(file: OwnedFile): Owner {
    return (
      recordedOwner(file.xattrs) ?? this.#noted(file.stat) ?? (this.#isNew(file) ? this.#newOwner(file) : file.below!)
    );
  }

  /** An inode may be another file's by now, which was born later. */
  #noted({ ino, birthtimeNs }: BigIntStats): Owner | undefined {
    const note = this.#notes.get(ino);
    return note && (note.birth === 0n || note.birth === birthtimeNs) ? note : undefined;
  }

  /** What overlayfs copied up has the record that it had: a file without one is another file, unless it is root's. */
  #isNew({ entry, below }: OwnedFile): boolean {
    if (below?.type !== entry.type) return true;
    if (!canHaveRecord(entry.type)) return linkIdentity(entry) !== linkIdentity(below);
    return !isRoots(below) && this.#areKept();
  }

  /** In a directory with setgid, a new file has the directory's group. */
  #newOwner({ entry, directory: { mode, gid } }: OwnedFile): Owner {
    const moved = canHaveRecord(entry.type) ? undefined : this.#movedFrom(entry);
    if (moved) return moved;
    return mode & SETGID ? { uid: this.#owner.uid, gid } : this.#owner;
  }

  /** A symlink of a lower layer that was renamed has no record, but its target and time. */
  #movedFrom(entry: Entry): Owner | undefined {
    this.#movable ??= new Map(ownedSpecials(this.#parent).map((owned) => [linkIdentity(owned), owned]));
    return this.#movable.get(linkIdentity(entry));
  }
}

/** What a symlink or special file keeps when it is copied up or renamed. */
const linkIdentity = ({ target = "", mtime, mtimeNs }: Entry): string => `${mtime} ${mtimeNs} ${target}`;

interface Note extends Owner {
  /** Nanoseconds since 1970; 0 where the filesystem does not know it. */
  readonly birth: bigint;
}

const KNOWN = "-";

/** The owners of symlinks and special files of `tree`, which have no records, as the first lines of the notes. */
export function knownOwners(tree: FileTree): string {
  const owned = ownedSpecials(tree).filter(({ path }) => !path.includes("\n"));
  return owned.map(({ uid, gid, path }) => `${KNOWN} ${uid} ${gid} /${path}\n`).join("");
}

const ownedSpecials = (tree: FileTree): Entry[] =>
  [...tree.walk()].filter((entry) => !canHaveRecord(entry.type) && !isRoots(entry));

/** Lines of `INODE SECONDS NANOSECONDS UID GID`; of one inode the last counts. */
function readNotes(path: string): Map<bigint, Note> {
  const notes = new Map<bigint, Note>();
  for (const line of textOf(path).split("\n")) {
    const [inode, seconds, nanoseconds, uid, gid] = line.split(" ");
    if (gid === undefined || inode === KNOWN) continue;
    const birth = BigInt(seconds!) * NANOSECONDS + BigInt(nanoseconds!);
    notes.set(BigInt(inode!), { birth, uid: Number(uid), gid: Number(gid) });
  }
  return notes;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
