// How one selected thing gets into the destination: the rules of BuildKit's copier (S-075 to S-101).

import { TsbuildError } from "../../errors.js";
import { type Entry, joinPath, nameOf, parentOf } from "../../filesystem/index.js";
import { IgnoreMatcher, parseExcludes } from "../../planner/index.js";
import type { Destination } from "./destination.js";
import type { ModeChange } from "./mode.js";
import type { Selected, SourceTree } from "./source.js";

/** What COPY and ADD say of all that they copy. */
export interface CopyRules {
  /** Numeric owner for all that is copied; absent keeps the owners of the source. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly mode?: ModeChange;
  readonly exclude: readonly string[];
}

/** Copies the things that one source argument selected. Hard links among them stay hard links (S-099). */
export class Transfer {
  readonly #source: SourceTree;
  readonly #destination: Destination;
  readonly #options: CopyRules;
  readonly #exclude: IgnoreMatcher | undefined;
  /** Where the first name of an inode went, by layer and first name in the source. */
  readonly #inodes = new Map<string, string>();

  constructor(source: SourceTree, destination: Destination, options: CopyRules) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    if (options.exclude.length > 0) this.#exclude = new IgnoreMatcher(parseExcludes(options.exclude, "--exclude"));
  }

  /**
   * Copies `selected` to a destination whose symlinks are resolved.
   * @param isDirectory the instruction's destination ended in "/": it means a directory even when there is none yet.
   */
  copy(selected: Selected, target: string, isDirectory: boolean): void {
    if (selected.entry.type === "directory") this.#copyContents(selected, target);
    else this.#copyNamed(selected, target, isDirectory);
  }

  /** Copies to `target`/`selected.below`; directories above it get the source's metadata (S-104). */
  copyWithParents(selected: Selected, base: string, target: string): void {
    this.#destination.makeDirectory(target);
    const names = selected.below!.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      const below = names.slice(0, depth).join("/");
      const entry = this.#source.tree.get(joinPath(base, below));
      if (entry) this.#copyEntry(entry, joinPath(target, below));
    }
    if (this.#isExcluded(selected.below!)) return;
    this.#copyTree(selected.entry, joinPath(target, selected.below!), selected.below!);
  }

  /** A directory's contents go into the target; the target itself takes only its time (S-075, S-090, S-091). */
  #copyContents({ entry }: Selected, target: string): void {
    const existing = this.#destination.get(target);
    if (existing && existing.type !== "directory") throw notADirectory(target);
    this.#destination.makeDirectory(target);
    const { mtime, mtimeNs } = entry;
    if (target !== "") this.#destination.put({ ...this.#destination.get(target)!, mtime, mtimeNs });
    this.#copyChildren(entry, target, "");
  }

  #copyNamed({ entry, name }: Selected, target: string, isDirectory: boolean): void {
    if (this.#isExcluded(name)) return;
    const into = isDirectory || this.#destination.get(target)?.type === "directory";
    const path = into ? joinPath(target, name) : target;
    this.#destination.makeDirectory(parentOf(path));
    this.#copyEntry(entry, path);
  }

  #copyChildren(directory: Entry, target: string, relative: string): void {
    for (const child of this.#source.tree.children(directory.path)) {
      const name = nameOf(child.path);
      this.#copyTree(child, joinPath(target, name), joinPath(relative, name));
    }
  }

  #copyTree(entry: Entry, path: string, relative: string): void {
    const excluded = this.#isExcluded(relative);
    if (entry.type !== "directory") {
      if (!excluded) this.#copyEntry(entry, path);
      return;
    }
    if (excluded && (this.#exclude!.canPrune(relative) || !this.#hasIncluded(entry, relative))) return;
    this.#copyEntry(entry, path);
    this.#copyChildren(entry, path, relative);
  }

  /** Whether a `!` pattern keeps anything below an excluded directory. */
  #hasIncluded(directory: Entry, relative: string): boolean {
    for (const entry of this.#source.tree.walk(directory.path)) {
      if (entry === directory) continue;
      if (!this.#isExcluded(joinPath(relative, entry.path.slice(directory.path.length + 1)))) return true;
    }
    return false;
  }

  #copyEntry(entry: Entry, path: string): void {
    const existing = this.#destination.get(path);
    if (existing) checkReplace(existing, entry, path);
    const { hardlink: _, offset: __, ...inode } = entry;
    const copy = this.#withOptions({ ...inode, path });
    if (entry.type !== "file") return this.#destination.put(copy);
    const first = this.#firstName(entry, path);
    if (first === path) this.#destination.put(copy, this.#source.contentOf(entry));
    else this.#destination.put({ ...copy, hardlink: first });
  }

  /** The destination of the first name of this file's inode: `path` when there was none before. */
  #firstName(entry: Entry, path: string): string {
    const key = `${this.#source.tree.layerOf(entry.path) ?? ""}\0${entry.hardlink ?? entry.path}`;
    const first = this.#inodes.get(key);
    if (first !== undefined && first < path) return first;
    if (first === undefined) this.#inodes.set(key, path);
    return path;
  }

  #withOptions(entry: Entry): Entry {
    const { owner, mode } = this.#options;
    const changed = mode && entry.type !== "symlink" ? mode(entry.mode, entry.type === "directory") : entry.mode;
    return { ...entry, ...owner, mode: changed };
  }

  #isExcluded(relative: string): boolean {
    return this.#exclude?.matches(relative) ?? false;
  }
}

function checkReplace(existing: Entry, entry: Entry, path: string): void {
  if (entry.type === "directory" && existing.type !== "directory") throw notADirectory(path);
  if (entry.type !== "directory" && existing.type === "directory") {
    throw new TsbuildError("copy_conflict", `cannot replace the directory "/${path}" with a ${entry.type}`, {
      hint: "Copy to another path, or remove the directory in a RUN before.",
    });
  }
}

function notADirectory(path: string): TsbuildError {
  return new TsbuildError("copy_conflict", `cannot copy a directory to "/${path}": it is not a directory`, {
    hint: "Copy to another path, or remove the file in a RUN before.",
  });
}
