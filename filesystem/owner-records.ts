// Who owns what a step left on a disk that has one owner for all: by the records of files, the notes of those that can have no
// record, and the layers below.

import { type BigIntStats, readFileSync } from "node:fs";
import type { Entry } from "./entry.js";
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

  /** @param areKept whether the filesystem can have records, so that a file without one has no owner but root or the step's user */
  constructor({ owner, notes }: RecordedOwners, areKept: () => boolean) {
    this.#owner = owner;
    this.#notes = notes === undefined ? new Map() : readNotes(notes);
    this.#areKept = areKept;
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
  #newOwner({ directory: { mode, gid } }: OwnedFile): Owner {
    return mode & SETGID ? { uid: this.#owner.uid, gid } : this.#owner;
  }
}

/** What a symlink or special file keeps when it is copied up or renamed. */
const linkIdentity = ({ target = "", mtime, mtimeNs }: Entry): string => `${mtime} ${mtimeNs} ${target}`;

interface Note extends Owner {
  /** Nanoseconds since 1970; 0 where the filesystem does not know it. */
  readonly birth: bigint;
}

/** Lines of `INODE SECONDS NANOSECONDS UID GID`; of one inode the last counts. */
function readNotes(path: string): Map<bigint, Note> {
  const notes = new Map<bigint, Note>();
  for (const line of textOf(path).split("\n")) {
    const [inode, seconds, nanoseconds, uid, gid] = line.split(" ");
    if (gid === undefined) continue;
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
