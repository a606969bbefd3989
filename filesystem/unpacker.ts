// Makes the files of a layer in an empty directory. Everything there was made here, so what is known of each path tells
// whether it may be written below: a symlink of the layer is never followed.

import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { type Attributes, setAttributes } from "./attributes.js";
import type { Entry, LayerChange } from "./entry.js";
import type { LayerSink } from "./layer-reader.js";
import { makeNode, type NodeType } from "./node.js";
import { encodeName, hostPath, parentOf } from "./path-bytes.js";
import { badArchive } from "./tar/error.js";
import { impliedDirectory } from "./tree-builder.js";
import type { UnpackOptions } from "./unpack.js";

type Kind = "directory" | "whiteout" | "other";

/** Whatever the mode of the file says, which is ours. */
function copyReadable(from: string, to: string): void {
  const { mode } = lstatSync(hostPath(from));
  chmodSync(hostPath(from), 0o600);
  copyFileSync(hostPath(from), hostPath(to), constants.COPYFILE_FICLONE);
  chmodSync(hostPath(from), mode & 0o7777);
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export class Unpacker implements LayerSink {
  readonly #root: string;
  readonly #options: UnpackOptions;
  /** What stands at each path now. */
  readonly #kinds = new Map<string, Kind>();
  /** Parents first. They get their attributes at the end, because making files in them changes their times. */
  readonly #directories = new Map<string, Entry>();
  readonly #opaque = new Set<string>();
  #fd: number | undefined;

  constructor(root: string, options: UnpackOptions) {
    this.#root = root;
    this.#options = options;
  }

  begin(change: LayerChange): void {
    if (change.type === "whiteout") this.#hide(change.path);
    else if (change.type === "opaque") this.#hideBelow(change.path);
    else if (change.type === "directory") this.#describe(change);
    else this.#create(change);
  }

  content(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd!, bytes, at);
  }

  end(change: LayerChange): void {
    if (this.#fd === undefined) return;
    this.close();
    setAttributes(this.#place(change.path), change as Entry, this.#options);
  }

  finish(): void {
    this.#enter("");
    for (const [path, entry] of [...this.#directories].reverse()) {
      const attributes: Attributes = { ...this.#options, isOpaque: this.#opaque.has(path) };
      setAttributes(this.#place(path), entry, attributes);
    }
  }

  /** After a failure in the middle of a file. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #place(path: string): string {
    return path === "" ? this.#root : `${this.#root}/${path}`;
  }

  /** A whiteout hides lower files only: a directory of this layer stays, and shows nothing from below. */
  #hide(path: string): void {
    const kind = this.#kinds.get(path);
    if (kind === "directory") this.#opaque.add(path);
    if (kind !== undefined) return;
    this.#enter(parentOf(path));
    makeNode(this.#place(path), "character");
    this.#kinds.set(path, "whiteout");
  }

  /** The root of a lower directory cannot be opaque, so all that is in the root below is hidden by name. */
  #hideBelow(path: string): void {
    this.#enter(path);
    if (path === "") return this.#options.parent?.children("").forEach((child) => this.#hide(child.path));
    this.#opaque.add(path);
  }

  #describe(entry: Entry): void {
    this.#enter(entry.path);
    this.#directories.set(entry.path, entry);
  }

  /** Makes sure that a directory is at `path`. It hides what is below when something else stood there. */
  #enter(path: string): void {
    const kind = this.#kinds.get(path);
    if (kind === "directory") return;
    if (path !== "") this.#enter(parentOf(path));
    if (kind) {
      this.#remove(path);
      this.#opaque.add(path);
    }
    const place = hostPath(this.#place(path));
    if (path !== "" || !existsSync(place)) mkdirSync(place, 0o700);
    this.#kinds.set(path, "directory");
    this.#directories.set(path, this.#implied(path));
  }

  #create(entry: Entry): void {
    this.#enter(parentOf(entry.path));
    if (this.#kinds.has(entry.path)) this.#remove(entry.path);
    this.#kinds.set(entry.path, "other");
    const place = this.#place(entry.path);
    if (entry.hardlink !== undefined) return this.#link(entry, entry.hardlink);
    if (entry.type === "file") this.#fd = openSync(hostPath(place), NEW_FILE, 0o600);
    else {
      this.#makeSpecial(entry, place);
      setAttributes(place, entry, this.#options);
    }
  }

  #makeSpecial(entry: Entry, place: string): void {
    if (entry.type === "symlink") symlinkSync(encodeName(entry.target ?? ""), hostPath(place));
    else if (!this.#makeNode(entry, place)) closeSync(openSync(hostPath(place), NEW_FILE, 0o600));
  }

  /** False where devices cannot be made: an empty file takes the place of one. */
  #makeNode(entry: Entry, place: string): boolean {
    const isFifo = entry.type === "fifo";
    if (!isFifo && this.#options.ownership === "record") return false;
    try {
      makeNode(place, entry.type as NodeType, entry.device);
      return true;
    } catch (error) {
      if (isFifo || !this.#options.userxattr || (error as NodeJS.ErrnoException).code !== "EPERM") throw error;
      return false;
    }
  }

  #link(entry: Entry, target: string): void {
    if (this.#kinds.get(target) !== "other")
      throw badArchive(`expected the target of the hard link "${entry.path}" in the archive, found no "${target}"`);
    if (this.#options.links === false) this.#copy(entry, target);
    else linkSync(hostPath(this.#place(target)), hostPath(this.#place(entry.path)));
  }

  #copy(entry: Entry, target: string): void {
    const place = this.#place(entry.path);
    if (entry.type !== "file") this.#makeSpecial(entry, place);
    else copyReadable(this.#place(target), place);
    setAttributes(place, entry, this.#options);
  }

  #remove(path: string): void {
    const place = hostPath(this.#place(path));
    if (this.#kinds.get(path) !== "directory") return unlinkSync(place);
    rmSync(place, { recursive: true });
    for (const known of this.#kinds.keys()) if (known === path || known.startsWith(`${path}/`)) this.#forget(known);
  }

  #forget(path: string): void {
    this.#kinds.delete(path);
    this.#directories.delete(path);
    this.#opaque.delete(path);
  }

  #implied(path: string): Entry {
    const known = this.#options.parent?.get(path);
    return known?.type === "directory" ? known : impliedDirectory(path);
  }
}
