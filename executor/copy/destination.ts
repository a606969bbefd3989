// The destination of COPY, ADD and WORKDIR: a layer in the making over the tree that was there before.

import { TsbuildError } from "../../errors.js";
import {
  compareNames,
  type Entry,
  type FileRegion,
  type FileTree,
  joinPath,
  parentOf,
} from "../../filesystem/index.js";

/** Owner, mode and time of directories that come into being on the way. */
export interface MadeDirectory {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
}

/** Bytes of a file of the layer: a place on this machine, or the bytes themselves. */
export type Content = FileRegion | Uint8Array;

/** As many as the kernel follows. */
const MAX_LINKS = 40;

export class Destination {
  readonly parent: FileTree;
  readonly #made: MadeDirectory;
  readonly #entries = new Map<string, Entry>();
  readonly #contents = new Map<string, Content>();
  /** Paths whose entry in `parent` was no directory and is replaced by one: nothing of `parent` shows below. */
  readonly #replaced = new Set<string>();

  constructor(parent: FileTree, made: MadeDirectory) {
    this.parent = parent;
    this.#made = made;
  }

  /** What is at a canonical path, in the layer or below it. */
  get(path: string): Entry | undefined {
    return (
      this.#entries.get(path) ?? (this.#replaced.size > 0 && this.#isHidden(path) ? undefined : this.parent.get(path))
    );
  }

  /** The canonical path that `path` leads to; symlinks are followed inside the root, those of the layer in the making too. */
  resolve(path: string): string {
    const ahead = path.split("/").reverse();
    let resolved = "";
    for (let links = 0; ahead.length > 0;) {
      const name = ahead.pop()!;
      if (name === "" || name === ".") continue;
      const next = name === ".." ? parentOf(resolved) : joinPath(resolved, name);
      const target = name === ".." ? undefined : this.get(next)?.target;
      if (target === undefined) resolved = next;
      else if (++links > MAX_LINKS)
        throw new TsbuildError("bad_value", `"/${path}" goes through more than ${MAX_LINKS} symlinks`, {
          hint: "Write the path that is meant: the symlinks may lead in a circle.",
        });
      else {
        ahead.push(...target.split("/").reverse());
        if (target.startsWith("/")) resolved = "";
      }
    }
    return resolved;
  }

  /** Makes a directory and its missing parents; existing ones are left as they are. */
  makeDirectory(path: string): void {
    const existing = this.get(path);
    if (existing?.type === "directory") return;
    if (existing)
      throw new TsbuildError("copy_conflict", `cannot make directory "/${path}": there is a ${existing.type}`, {
        hint: "Choose another destination, or remove what is there by a RUN before.",
      });
    this.makeDirectory(parentOf(path));
    const { uid, gid, mode, mtime } = this.#made;
    this.#entries.set(path, { path, type: "directory", mode, uid, gid, size: 0, mtime, mtimeNs: 0 });
  }

  /** Puts an entry where there is nothing, or replaces one of the same kind. Parents exist. */
  put(entry: Entry, content?: Content): void {
    const existing = this.get(entry.path);
    if (existing && existing.type !== "directory" && entry.type === "directory") this.#replaced.add(entry.path);
    this.#entries.set(entry.path, entry);
    if (content) this.#contents.set(entry.path, content);
    else this.#contents.delete(entry.path);
  }

  /** Removes what is below a directory of the layer, so that a file can take its place (ADD of archives). */
  forget(path: string): void {
    for (const known of this.#entries.keys()) {
      if (!known.startsWith(`${path}/`)) continue;
      this.#entries.delete(known);
      this.#contents.delete(known);
    }
  }

  content(path: string): Content | undefined {
    return this.#contents.get(path);
  }

  /** The layer's entries, sorted; existing directories above a change are repeated with their own metadata (S-166). */
  changes(): readonly Entry[] {
    Array.from(this.#entries.keys()).forEach((path) => this.#addParents(path));
    const entries = [...this.#entries.values()].filter((entry) => entry.path !== "");
    return entries.sort((a, b) => compareNames(a.path, b.path));
  }

  #addParents(path: string): void {
    for (let parent = parentOf(path); parent !== "" && !this.#entries.has(parent); parent = parentOf(parent)) {
      const entry = this.parent.get(parent);
      if (entry) this.#entries.set(parent, entry);
    }
  }

  #isHidden(path: string): boolean {
    for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent))
      if (this.#replaced.has(parent)) return true;
    return false;
  }
}
