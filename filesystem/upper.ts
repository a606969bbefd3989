// A directory in which a command has run, as changes to the layers below it: the upper directory of an overlay, or a whole
// root. Both say the same of equal roots, because what is gone is always told by name (S-160).
// https://docs.kernel.org/filesystems/overlayfs.html

import { type BigIntStats, chmodSync, closeSync, constants, openSync, readSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { dirname } from "node:path";
import type { Checkout } from "./checkout.js";
import { FileHasher } from "./content-digest.js";
import { LONGEST_IN_LAYER, shortPath } from "./deep-path.js";
import type { Entry, LayerChange } from "./entry.js";
import type { FileTree } from "./file-tree.js";
import { hostEntry, namesIn, statOf } from "./host-entry.js";
import type { LeftOver } from "./left-over.js";
import type { Pace } from "./pace.js";
import { hostPath, joinPath, nameOf } from "./path-bytes.js";
import { OwnerRecords } from "./owner-records.js";
import { canHaveRecord, isRoots, type Owner, recordedOwner, recordOwner, withOwner } from "./recorded-owner.js";
import { sameFile, sameMetadata, sameTime } from "./same-entry.js";
import { isMarkName, markOf } from "./whiteout.js";
import { portableXattrs, type XattrReader, type Xattrs, xattrReader } from "./xattr.js";

export interface UpperOptions {
  /** Of what is new, where the disk cannot have owners. */
  readonly owner?: Pick<Entry, "uid" | "gid">;
  /** With `owner`: what the step noted of owners, see `RecordedOwners.notes`. @default none */
  readonly ownerNotes?: string;
  /** Seconds since the epoch at which the command began. Times that it gave to files, and are not of its own, are theirs. @default no time is */
  readonly began?: number;
  /** The directory is a whole root that was checked out: what it lacks was deleted. */
  readonly checkout?: Checkout;
  /** Whether files may stand for whiteouts, as fuse-overlayfs makes them where it can make no devices. @default false */
  readonly markFiles?: boolean;
  /** The attributes that say of a directory that it hides what is below it. @default all that overlays use */
  readonly opaqueMarks?: readonly string[];
  /** Told of attributes with the names of marks that are none: the command has set them, and no layer has them. */
  readonly onDropped?: (path: string, attribute: string) => void;
}

/** Something in the upper directory. Not all of it is a change: overlayfs copies up more than was changed (S-165). */
interface Found {
  readonly change: LayerChange;
  /** The place of its directory in the list; -1 for the root. */
  readonly directory: number;
  keep: boolean;
  /** Without it something else would be at its path. */
  readonly isNeeded: boolean;
}

/** Something that no layer has. */
type Skipped = Pick<LeftOver, "path" | "isNeeded"> & Pick<Found, "directory">;

/** A file of the upper directory as it is there. */
interface Seen extends Pick<Found, "directory"> {
  readonly path: string;
  readonly stat: BigIntStats;
  readonly xattrs: Xattrs | undefined;
}

const OPAQUE = ["trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"];
const ROOT = -1;

export class UpperDirectory {
  readonly #path: string;
  readonly #parent: FileTree;
  readonly #pace: Pace;
  #xattrs: XattrReader;
  readonly #found: Found[] = [];
  readonly #sockets: Skipped[] = [];
  /** The names of files that have several, by inode. */
  readonly #links = new Map<bigint, number[]>();
  readonly #openedUp: { readonly place: string; readonly mode: number }[] = [];

  /** Seconds since the epoch. */
  readonly #now = Math.ceil(Date.now() / 1000);
  readonly #options: UpperOptions;
  readonly #owners: OwnerRecords | undefined;

  constructor(path: string, parent: FileTree, pace: Pace, options: UpperOptions = {}) {
    this.#options = options;
    this.#path = path;
    this.#parent = parent;
    this.#pace = pace;
    this.#xattrs = xattrReader(path);
    const { owner, ownerNotes: notes } = options;
    const areKept = (): boolean => recordOwner(dirname(path), owner!);
    this.#owners = owner && new OwnerRecords({ owner, ...(notes !== undefined && { notes }) }, parent, areKept);
  }

  /** What differs from the parent, in the order of `LayerIndex`; without digests. */
  async changes(): Promise<LayerChange[]> {
    await this.#scan("", ROOT, this.#options.checkout !== undefined);
    for (const group of this.#links.values()) this.#keepTogether(group);
    for (const found of this.#found.filter(({ keep }) => keep)) this.#keepParents(found);
    return [...this.#root(), ...this.#kept()];
  }

  /** What is in the directory and is no change, topmost paths only. Asked after `changes`. */
  leftOver(): LeftOver[] {
    const same = this.#found
      .filter(({ keep }) => !keep)
      .map(({ change: { path }, directory, isNeeded }) => ({ path, directory, isNeeded }));
    return [...same, ...this.#sockets]
      .filter(({ directory }) => directory === ROOT || this.#found[directory]!.keep)
      .map(({ path, isNeeded }) => ({ path, isNeeded }));
  }

  placeOf(path: string): string {
    return path === "" ? this.#path : `${this.#path}/${path}`;
  }

  /** Gives directories that had to be opened to their own owner their modes back. */
  restoreModes(): void {
    for (const { place, mode } of this.#openedUp.reverse()) chmodSync(hostPath(place), mode);
  }

  /** @param isWhole nothing of the lower layers shows in the directory but what is here */
  async #scan(directory: string, index: number, isWhole: boolean): Promise<void> {
    if (directory.length > LONGEST_IN_LAYER) throw tooDeep(directory);
    const here = new Set(this.#names(directory));
    const marked = this.#takeMarks(directory, here);
    const below = isWhole || marked.isOpaque ? this.#parent.children(directory).map(({ path }) => nameOf(path)) : [];
    for (const name of [...new Set([...here, ...marked.deleted, ...below])].sort()) {
      if (this.#pace.isDue()) await this.#pace.rest();
      const path = joinPath(directory, name);
      if (here.has(name)) await this.#compare(path, index, isWhole || marked.isOpaque);
      else this.#whiteout(path, index);
    }
  }

  /** Takes the files that are marks out of `names`. */
  #takeMarks(
    directory: string,
    names: Set<string>,
  ): { readonly isOpaque: boolean; readonly deleted: readonly string[] } {
    const files = this.#options.markFiles ? [...names].filter(isMarkName) : [];
    for (const name of files) names.delete(name);
    const marks = files.map((name) => markOf(joinPath(directory, name))).filter((mark) => mark !== "ignored");
    return {
      isOpaque: marks.some(({ type }) => type === "opaque"),
      deleted: marks.flatMap(({ path, type }) => (type === "whiteout" ? [nameOf(path)] : [])),
    };
  }

  async #compare(path: string, index: number, isWhole: boolean): Promise<void> {
    const stat = statOf(this.placeOf(path));
    if (stat.isDirectory()) return this.#directory(path, stat, index, isWhole);
    if (this.#options.checkout?.isUntouched(path, stat)) return;
    if (this.#isWhiteout(stat)) return this.#whiteout(path, index);
    return this.#file(path, stat, index, isWhole);
  }

  #isWhiteout(stat: BigIntStats): boolean {
    return !this.#options.checkout && stat.isCharacterDevice() && stat.rdev === 0n;
  }

  async #directory(path: string, stat: BigIntStats, directory: number, isWhole: boolean): Promise<void> {
    const isUntouched = this.#options.checkout?.isUntouched(path, stat) ?? false;
    const below = this.#parent.get(path);
    const xattrs = isUntouched ? undefined : this.#xattrsOf(path, stat);
    const found = this.#entry({ path, stat, xattrs, directory })!;
    const entry = below && sameFile(found, below) ? below : found;
    const keep = !isUntouched && (!below || !sameMetadata(entry, below));
    const index = this.#found.push({ change: entry, directory, keep, isNeeded: isWhole }) - 1;
    await this.#scan(path, index, this.#isOpaque(path, xattrs) || isWhole);
    if (this.#options.markFiles && below?.type === "directory" && stat.mtimeNs === stat.ctimeNs)
      this.#keepTime(index, entry, below);
  }

  #isOpaque(path: string, xattrs: Xattrs | undefined): boolean {
    const { opaqueMarks = OPAQUE, onDropped } = this.#options;
    for (const name of xattrs?.keys() ?? [])
      if (OPAQUE.includes(name) && !opaqueMarks.includes(name)) onDropped?.(path, name);
    return opaqueMarks.some((name) => isYes(xattrs, name));
  }

  /** fuse-overlayfs gives a directory a new time when it copies a file up into it. */
  #keepTime(index: number, entry: Entry, { mtime, mtimeNs }: Entry): void {
    const own = this.#found.slice(index + 1).filter(({ directory }) => directory === index);
    const hasOtherNames = own.some(({ change }) => change.type === "whiteout" || !this.#parent.get(change.path));
    if (!hasOtherNames) this.#found[index] = { ...this.#found[index]!, change: { ...entry, mtime, mtimeNs } };
  }

  /** A deletion of what this same step made leaves nothing to say (S-163). */
  #whiteout(path: string, directory: number): void {
    if (!this.#parent.get(path)) return;
    this.#found.push({ change: { path, type: "whiteout" }, directory, keep: true, isNeeded: true });
  }

  async #file(path: string, stat: BigIntStats, directory: number, isWhole: boolean): Promise<void> {
    const entry = this.#entry({ path, stat, xattrs: this.#xattrsOf(path, stat), directory });
    const below = this.#parent.get(path);
    if (!entry) return this.#socket({ path, directory, isNeeded: below !== undefined });
    const keep = !below || !sameFile(entry, below) || (await this.#hasOtherContent(entry, below));
    const index = this.#found.push({ change: entry, directory, keep, isNeeded: isWhole }) - 1;
    if (stat.nlink > 1n) this.#links.set(stat.ino, [...(this.#links.get(stat.ino) ?? []), index]);
  }

  /** What it replaced is gone all the same. */
  #socket(socket: Skipped): void {
    this.#sockets.push(socket);
    this.#whiteout(socket.path, socket.directory);
  }

  async #hasOtherContent(entry: Entry, below: Entry): Promise<boolean> {
    if (entry.type !== "file" || entry.size === 0) return false;
    if (below.digest === undefined) return true;
    return below.digest !== (await digestOf(this.placeOf(entry.path), entry.size, this.#pace));
  }

  /** Names of one file stay names of one file: when one is a change, all are. The first is the file, the rest are links. */
  #keepTogether(group: readonly number[]): void {
    if (!group.some((index) => this.#found[index]!.keep)) return;
    const [first, ...rest] = group as [number, ...number[]];
    this.#found[first]!.keep = true;
    const hardlink = this.#found[first]!.change.path;
    for (const index of rest) {
      const { change } = this.#found[index]!;
      this.#found[index] = { ...this.#found[index]!, change: { ...(change as Entry), hardlink }, keep: true };
    }
  }

  #keepParents({ directory }: Found): void {
    for (let index = directory; index !== ROOT && !this.#found[index]!.keep; index = this.#found[index]!.directory) {
      this.#found[index]!.keep = true;
    }
  }

  #root(): Entry[] {
    const root = { path: "", stat: statOf(this.#path), xattrs: this.#xattrs(""), directory: ROOT };
    const entry = this.#entry(root)!;
    return sameMetadata(entry, this.#parent.get("")!) ? [] : [entry];
  }

  /** Attributes of users can be read by those only who may read the file: its owner gives leave first. */
  #xattrsOf(path: string, stat: BigIntStats): Xattrs | undefined {
    const isClosed = (Number(stat.mode) & 0o400) === 0 && (stat.isDirectory() || stat.isFile());
    if (isClosed && process.geteuid!() !== 0) this.#openUp(this.placeOf(path));
    return this.#xattrs(path);
  }

  #entry({ path, stat, xattrs, directory }: Seen): Entry | undefined {
    const below = this.#parent.get(path);
    const bare = hostEntry(path, this.placeOf(path), stat, portableXattrs(xattrs));
    const entry = bare && this.#isDated(bare, below) ? { ...bare, isDated: true as const } : bare;
    if (!entry || !this.#owners) return entry;
    const owner = this.#owners.ownerOf({ entry, stat, xattrs, below, directory: this.#directoryAt(directory) });
    if (!isRoots(owner) && canHaveRecord(entry.type) && !recordedOwner(xattrs)) this.#record(path, stat, owner);
    return withOwner(entry, owner, below);
  }

  /** What the command made has its time; what it did not touch has that of the layers below. */
  #isDated(entry: Entry, below: Entry | undefined): boolean {
    const { began = Number.NEGATIVE_INFINITY } = this.#options;
    const isOwn = began <= entry.mtime && entry.mtime <= this.#now;
    return this.#options.began !== undefined && !isOwn && !(below && sameTime(entry, below));
  }

  #directoryAt(index: number): Entry {
    return index === ROOT ? this.#parent.get("")! : (this.#found[index]!.change as Entry);
  }

  /** The directory may be a layer on disk that further steps stand on. */
  #record(path: string, { mode }: BigIntStats, owner: Owner): void {
    if ((Number(mode) & 0o200) === 0) this.#openUp(this.placeOf(path));
    recordOwner(this.placeOf(path), owner);
  }

  #kept(): LayerChange[] {
    return this.#found.filter(({ keep }) => keep).map(({ change }) => change);
  }

  #names(directory: string): string[] {
    const place = this.placeOf(directory);
    try {
      return namesIn(place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
      this.#openUp(place);
      return namesIn(place);
    }
  }

  #openUp(place: string): void {
    const mode = Number(statOf(place).mode) & 0o7777;
    chmodSync(hostPath(place), mode | 0o700);
    this.#openedUp.push({ place, mode });
    this.#xattrs = xattrReader(this.#path);
  }
}

function tooDeep(path: string): TsbuildError {
  const message = `expected at most ${LONGEST_IN_LAYER} characters in the path of a directory, found "${shortPath(path)}"`;
  return new TsbuildError("limit_exceeded", message, {
    hint: "Remove the nested directories before the step ends.",
  });
}

const buffer = Buffer.alloc(256 * 1024);

async function digestOf(place: string, size: number, pace: Pace): Promise<string | undefined> {
  const hasher = new FileHasher();
  hasher.begin(size);
  const fd = openSync(hostPath(place), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (let at = 0; at < size;) {
      const read = readSync(fd, buffer, 0, buffer.length, at);
      if (read === 0) return undefined;
      hasher.update(buffer.subarray(0, read));
      at += read;
      if (pace.isDue()) await pace.rest();
    }
    return hasher.end();
  } finally {
    closeSync(fd);
  }
}

function isYes(xattrs: Xattrs | undefined, name: string): boolean {
  const value = xattrs?.get(name);
  return value !== undefined && Buffer.from(value).toString("latin1") === "y";
}
