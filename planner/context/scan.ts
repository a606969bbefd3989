// Lists what of a directory is not ignored: parents first, names in order. Reads no file's content.
//
// One lstat per name, in the calling thread: for small calls on a warm cache this costs a tenth of what the thread pool
// does. The walk rests now and then for the sake of other steps.

import { type BigIntStats, lstatSync, readlinkSync } from "node:fs";
import { TsbuildError } from "../../errors.js";
import { decodeName, type Entry, hostPath, joinPath, namesIn } from "../../filesystem/index.js";
import type { IgnoreMatcher, IgnoreState } from "./ignore-matcher.js";
import { Pace } from "../../filesystem/index.js";
import { ifPresent } from "./read-error.js";
import { entryOf, typeOf } from "./stat-entry.js";

export interface ScanOptions {
  /** The digest of a file, where it is known without reading it. */
  readonly digestOf: (path: string, stat: BigIntStats) => Entry["digest"];
  readonly signal?: AbortSignal;
}

/**
 * The entries of `directory`, itself included, with owner 0:0. Directories that are ignored but have something below
 * them that is not are there too. What vanishes during the walk is left out.
 * @throws context_not_found when it is no directory, bad_context when something in it cannot be read.
 */
export async function scanContext(
  directory: string,
  ignore: IgnoreMatcher,
  options: ScanOptions,
): Promise<readonly Entry[]> {
  const scan = new Scan(directory, ignore, options);
  const pace = new Pace(options.signal);
  while (scan.step()) if (pace.isDue()) await pace.rest();
  return scan.entries;
}

/** A directory that is being walked. */
interface Frame {
  readonly path: string;
  readonly names: readonly string[];
  next: number;
  readonly state: IgnoreState | undefined;
  /** The directory's own entry, while nothing below an ignored directory was found. */
  withheld: Entry | undefined;
}

class Scan {
  readonly entries: Entry[] = [];
  readonly #directory: string;
  readonly #ignore: IgnoreMatcher;
  readonly #options: ScanOptions;
  readonly #stack: Frame[] = [];
  /** Whether any frame may have a withheld entry. */
  #withheld = false;
  /** The first path of each inode that has several. */
  readonly #firstNames = new Map<string, string>();

  constructor(directory: string, ignore: IgnoreMatcher, options: ScanOptions) {
    this.#directory = directory;
    this.#ignore = ignore;
    this.#options = options;
    const stat = ifPresent("", () => this.#lstat(""));
    const names = stat?.isDirectory() ? ifPresent("", () => namesIn(directory)) : undefined;
    if (!stat || !names) throw notFound(directory);
    this.#stack.push({ path: "", names, next: 0, state: undefined, withheld: undefined });
    this.entries.push(entryOf("", stat));
  }

  /** Goes one name further; false at the end. */
  step(): boolean {
    const frame = this.#stack.at(-1);
    if (!frame) return false;
    const name = frame.names[frame.next++];
    if (name === undefined) this.#stack.pop();
    else this.#visit(joinPath(frame.path, name), frame.state);
    return true;
  }

  #visit(path: string, parent: IgnoreState | undefined): void {
    const state = this.#ignore.isEmpty ? undefined : this.#ignore.judge(path, parent);
    const isExcluded = state?.excluded ?? false;
    if (isExcluded && this.#ignore.prunes(path, state!)) return;
    const stat = this.#look(path, isExcluded, () => this.#lstat(path));
    if (!stat) return;
    if (typeOf(Number(stat.mode)) === "directory") this.#enter(path, stat, state);
    else if (!isExcluded) this.#addFile(path, stat);
  }

  #enter(path: string, stat: BigIntStats, state: IgnoreState | undefined): void {
    const isExcluded = state?.excluded ?? false;
    const names = this.#look(path, isExcluded, () => namesIn(`${this.#directory}/${path}`));
    if (!names) return;
    const entry = entryOf(path, stat);
    if (!isExcluded) this.#add(entry);
    this.#stack.push({ path, names, next: 0, state, withheld: isExcluded ? entry : undefined });
    this.#withheld ||= isExcluded;
  }

  #addFile(path: string, stat: BigIntStats): void {
    const type = typeOf(Number(stat.mode));
    if (type === "file") return this.#add(entryOf(path, stat, this.#known(path, stat)));
    if (type !== "symlink") return this.#add(entryOf(path, stat));
    const target = ifPresent(path, () => readlinkSync(this.#hostPath(path), "buffer"));
    if (target) this.#add(entryOf(path, stat, { target: decodeName(target) }));
  }

  /** Adds an entry after those of its parents that wait for one. */
  #add(entry: Entry): void {
    if (this.#withheld) this.#release();
    this.entries.push(entry);
  }

  #release(): void {
    for (const frame of this.#stack) {
      if (frame.withheld) this.entries.push(frame.withheld);
      frame.withheld = undefined;
    }
    this.#withheld = false;
  }

  #known(path: string, stat: BigIntStats): Pick<Entry, "digest" | "hardlink"> | undefined {
    const digest = this.#options.digestOf(path, stat);
    const first = stat.nlink < 2n ? undefined : this.#firstName(path, stat);
    if (first !== undefined) return { ...(digest !== undefined && { digest }), hardlink: first };
    return digest === undefined ? undefined : { digest };
  }

  /** The path of the same inode that was met before; undefined when this is the first. */
  #firstName(path: string, { dev, ino }: BigIntStats): string | undefined {
    const inode = `${dev}:${ino}`;
    const first = this.#firstNames.get(inode);
    if (first === undefined) this.#firstNames.set(inode, path);
    return first;
  }

  /** What is ignored need not be readable: nothing below it is taken then. */
  #look<T>(path: string, isExcluded: boolean, read: () => T): T | undefined {
    try {
      return ifPresent(path, read);
    } catch (error) {
      if (isExcluded && error instanceof TsbuildError) return undefined;
      throw error;
    }
  }

  #lstat(path: string): BigIntStats | undefined {
    return lstatSync(this.#hostPath(path), { bigint: true, throwIfNoEntry: false });
  }

  #hostPath(path: string): string | Buffer {
    return hostPath(path === "" ? this.#directory : `${this.#directory}/${path}`);
  }
}

function notFound(directory: string): TsbuildError {
  const hint = "Give a directory that exists as the build context.";
  return new TsbuildError("context_not_found", `expected a directory "${directory}" as the build context, found none`, {
    hint,
  });
}
