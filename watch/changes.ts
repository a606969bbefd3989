// Watches all that a build reads, and gathers what changes until it is quiet.

import { lstatSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type BuildReads, type ReadDirectory, ReadFilter } from "./reads.js";
import { TreeWatcher } from "./tree-watcher.js";

export interface ChangesOptions {
  /** What changed before. @default [] */
  readonly known?: readonly string[];
  /** Told of each change as it happens. */
  readonly onChange: (path: string) => void;
}

/** Milliseconds without a change until what changed is told: an editor saves in several steps, a checkout in thousands. */
const QUIET = 80;
/** Milliseconds between two looks where the kernel cannot tell of changes. */
const POLL = 1_000;

export class Changes {
  readonly #onChange: (path: string) => void;
  readonly #paths: Set<string>;
  readonly #closers: (() => void)[] = [];
  #last = 0;

  constructor({ files, directories }: BuildReads, { known = [], onChange }: ChangesOptions) {
    this.#onChange = onChange;
    this.#paths = new Set(known);
    for (const directory of directories) this.#watchDirectory(directory);
    for (const file of files) this.#watchFile(file);
  }

  /** What changed so far, absolute. */
  get paths(): readonly string[] {
    return [...this.#paths];
  }

  /** Resolves when something has changed and nothing does any more; at once when the signal aborts. */
  async settle(signal: AbortSignal): Promise<readonly string[]> {
    while (!signal.aborted && (this.#paths.size === 0 || Date.now() - this.#last < QUIET)) await nap(QUIET / 2, signal);
    return this.paths;
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  #add(path: string): void {
    this.#last = Date.now();
    this.#paths.add(path);
    this.#onChange(path);
  }

  #watchDirectory(read: ReadDirectory): void {
    const filter = new ReadFilter(read);
    const watcher = new TreeWatcher(read.directory, {
      enters: (path) => filter.mayReadBelow(path),
      onChange: (path) => {
        if (filter.reads(path)) this.#add(join(read.directory, path));
      },
      onLost: () => {
        watcher?.close();
        this.#poll(read.directory, filter);
      },
    });
    this.#closers.push(() => watcher.close());
  }

  /** By its directory: editors write another file and rename it. */
  #watchFile(file: string): void {
    const name = basename(file);
    const watcher = new TreeWatcher(dirname(file), {
      enters: (path) => path === "",
      onChange: (path) => {
        if (path === name) this.#add(file);
      },
      onLost: () => {},
    });
    this.#closers.push(() => watcher.close());
  }

  #poll(directory: string, filter: ReadFilter): void {
    let before = stamps(directory, filter);
    const timer = setInterval(() => {
      const now = stamps(directory, filter);
      const changed = new Set([...now.keys(), ...before.keys()]);
      for (const path of changed) if (now.get(path) !== before.get(path)) this.#add(join(directory, path));
      before = now;
    }, POLL);
    this.#closers.push(() => clearInterval(timer));
  }
}

/** What of each file tells that it changed. */
function stamps(directory: string, filter: ReadFilter): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const pending = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const name of namesIn(join(directory, path))) {
      const child = path === "" ? name : `${path}/${name}`;
      const stats = lstatSync(join(directory, child), { throwIfNoEntry: false, bigint: true });
      if (!stats) continue;
      if (filter.reads(child)) found.set(child, `${stats.mode} ${stats.size} ${stats.ino} ${stats.ctimeNs}`);
      if (stats.isDirectory() && filter.mayReadBelow(child)) pending.push(child);
    }
  }
  return found;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // gone since it was seen
  }
}

function nap(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      done();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener("abort", finish, { once: true });
  });
}
