// A build context as data: what of a directory is not ignored, with the digests of the files that something reads.

import type { BigIntStats } from "node:fs";
import {
  contextXattrs,
  type Entry,
  type FileRegion,
  FileTree,
  hostPath,
  type LayerChange,
  Pace,
} from "../../filesystem/index.js";
import type { ContextOp } from "../graph.js";
import { explainMissing } from "./explain-missing.js";
import { type IgnoreDecision, IgnoreMatcher } from "./ignore-matcher.js";
import { type FileContent, readContent } from "./read-content.js";
import { ifPresent, undefinedIfGone } from "./read-error.js";
import { scanContext } from "./scan.js";
import { entryOf } from "./stat-entry.js";
import { StatIndex } from "./stat-index.js";

export interface OpenContextOptions {
  /** The file in which digests are kept from build to build. Several builds may use it at once. */
  readonly statIndex: string;
  readonly signal?: AbortSignal;
}

/**
 * Scans a context. Files whose stat is as it was when they were last read have their digests; no file is read.
 * @throws context_not_found, bad_context, bad_pattern, interrupted
 */
export async function openContext(
  { directory, ignore }: ContextOp,
  options: OpenContextOptions,
): Promise<ContextIndex> {
  const { signal } = options;
  const matcher = new IgnoreMatcher(ignore);
  const stats = await StatIndex.load(options.statIndex);
  const digestOf = (path: string, stat: BigIntStats) => stats.find(path, stat);
  const entries = await scanContext(directory, matcher, { digestOf, ...(signal && { signal }) });
  return new ContextIndex({ directory, ignore: matcher, tree: FileTree.of(entries), stats, ...(signal && { signal }) });
}

interface OpenedContext {
  readonly directory: string;
  readonly ignore: IgnoreMatcher;
  readonly tree: FileTree;
  readonly stats: StatIndex;
  readonly signal?: AbortSignal;
}

export class ContextIndex {
  readonly directory: string;
  readonly #ignore: IgnoreMatcher;
  readonly #stats: StatIndex;
  readonly #signal: AbortSignal | undefined;
  #tree: FileTree;
  /** Files that are read, or being read, but not in `tree` yet: each is read once. */
  readonly #files = new Map<string, Entry | undefined | Promise<Entry | undefined>>();

  constructor({ directory, ignore, tree, stats, signal }: OpenedContext) {
    this.directory = directory;
    this.#ignore = ignore;
    this.#tree = tree;
    this.#stats = stats;
    this.#signal = signal;
  }

  /** What is not ignored, owned by 0:0. Files that `hash` was asked for have their digests. */
  get tree(): FileTree {
    return this.#tree;
  }

  /**
   * The entries with the digests of their files, which are read when they changed since they were last read. What has
   * vanished since the scan is left out, here and from `tree`. May be called again before it is done.
   * @throws bad_context, interrupted
   */
  async hash(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const pace = new Pace(this.#signal);
    const complete: Entry[] = [];
    const changes: LayerChange[] = [];
    for (const entry of entries) {
      if (entry.type !== "file" || entry.digest) {
        complete.push(entry);
        continue;
      }
      const file = this.#file(entry);
      const read = file instanceof Promise ? await file : file;
      changes.push(read ?? { path: entry.path, type: "whiteout" });
      if (read) complete.push(read);
      if (pace.isDue()) await pace.rest();
    }
    await this.#keep(changes);
    return complete;
  }

  /** Where the content of a file is. */
  contentOf(entry: Entry): FileRegion {
    return { path: this.#hostPath(entry.path), offset: 0 };
  }

  /** Whether a path is ignored, and by which line. */
  excluded(path: string): IgnoreDecision {
    return this.#ignore.decide(path);
  }

  /** What to do about a path that is not in the tree: a sentence, or undefined when nothing is known. */
  explainMissing(path: string): string | undefined {
    return explainMissing(path, { directory: this.directory, ignore: this.#ignore, tree: this.#tree });
  }

  async #keep(changes: readonly LayerChange[]): Promise<void> {
    if (changes.length === 0) return;
    this.#tree = this.#tree.apply(changes);
    for (const { path } of changes) this.#files.delete(path);
    await this.#stats.save();
  }

  #file(entry: Entry): Entry | undefined | Promise<Entry | undefined> {
    const { path } = entry;
    if (this.#files.has(path)) return this.#files.get(path);
    const known = this.#tree.get(path);
    if (!known || known.digest) return known;
    const file = this.#read(entry);
    this.#files.set(path, file);
    if (file instanceof Promise) file.catch(() => this.#files.delete(path));
    return file;
  }

  /** Undefined when the file is gone. */
  #read(entry: Entry): Entry | undefined | Promise<Entry | undefined> {
    const readAt = BigInt(Date.now()) * 1_000_000n;
    const options = { name: entry.path, ...(this.#signal && { signal: this.#signal }) };
    const content = ifPresent(entry.path, () => readContent(this.#hostPath(entry.path), options));
    if (!(content instanceof Promise)) return content && this.#withDigest(entry, content, readAt);
    return content.then(
      (read) => this.#withDigest(entry, read, readAt),
      (error) => undefinedIfGone(entry.path, error),
    );
  }

  /** A file with extended attributes is not remembered: the stat index knows digests only. */
  #withDigest({ path, hardlink }: Entry, { stat, digest, size }: FileContent, readAt: bigint): Entry {
    const xattrs = contextXattrs(`${this.directory}/${path}`);
    if (!xattrs && BigInt(size) === stat.size) this.#stats.put(path, stat, digest, readAt);
    return {
      ...entryOf(path, stat, { digest, ...(hardlink !== undefined && { hardlink }), ...(xattrs && { xattrs }) }),
      size,
    };
  }

  #hostPath(path: string): string | Buffer {
    return hostPath(`${this.directory}/${path}`);
  }
}
