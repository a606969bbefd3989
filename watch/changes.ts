// Watches all that a build reads, and gathers what changes until it is quiet.

import { lstatSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type BuildReads, type ReadDirectory, ReadFilter } from "./reads.js";
import { TreeWatcher, type TreeWatcherOptions } from "./tree-watcher.js";

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
    const look = () => stamps(read.directory, filter);
    this.#watch(read.directory, look, {
      enters: (path) => filter.mayReadBelow(path),
      onChange: (path) => {
        if (filter.reads(path)) this.#add(join(read.directory, path));
      },
    });
  }

  /** By its directory: editors write another file and rename it. */
  #watchFile(file: string): void {
    const name = basename(file);
    const look = () => new Map([...stampOf(file)].map((stamp) => [name, stamp]));
    this.#watch(dirname(file), look, {
      enters: (path) => path === "",
      onChange: (path) => {
        if (path === name) this.#add(file);
      },
    });
  }

  /** @param look tells what is there: for where nobody tells of changes */
  #watch(
    directory: string,
    look: () => ReadonlyMap<string, string>,
    options: Pick<TreeWatcherOptions, "enters" | "onChange">,
  ): void {
    let isLost = false;
    const lose = () => {
      if (!isLost) this.#poll(directory, look);
      isLost = true;
    };
    const watcher = new TreeWatcher(directory, {
      ...options,
      onChange: (path) => {
        if (!isLost) options.onChange(path);
      },
      onLost: lose,
      onMoved: () => {
        this.#add(directory);
        lose();
      },
    });
    this.#closers.push(() => watcher.close());
  }

  #poll(directory: string, look: () => ReadonlyMap<string, string>): void {
    let before = look();
    const timer = setInterval(() => {
      const now = look();
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
      const [stamp] = stampOf(join(directory, child));
      if (stamp === undefined) continue;
      if (filter.reads(child)) found.set(child, stamp);
      if (filter.mayReadBelow(child)) pending.push(child);
    }
  }
  return found;
}

/** Nothing of what is not there. */
function stampOf(path: string): readonly string[] {
  try {
    const { mode, size, ino, ctimeNs } = lstatSync(path, { bigint: true });
    return [`${mode} ${size} ${ino} ${ctimeNs}`];
  } catch {
    return [];
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no directory, or gone since it was seen
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
