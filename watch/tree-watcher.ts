// Tells of changes below a directory: one inotify watch for each directory that counts.
// man 7 inotify

import { type FSWatcher, lstatSync, readdirSync, statSync, watch } from "node:fs";
import { basename, join } from "node:path";

export interface TreeWatcherOptions {
  /** Whether something below a directory counts; "" is the root. */
  readonly enters: (path: string) => boolean;
  /** Told of a path that was made, changed, moved or removed: relative to the root. */
  readonly onChange: (path: string) => void;
  /** Told that changes cannot be seen: too many watches, or there is no root. */
  readonly onLost: (error: unknown) => void;
  /** Told that the root is gone, or another directory is in its place, of which nothing will be told. */
  readonly onMoved: () => void;
}

export class TreeWatcher {
  readonly #root: string;
  readonly #options: TreeWatcherOptions;
  readonly #inode: number | undefined;
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;

  constructor(root: string, options: TreeWatcherOptions) {
    this.#root = root;
    this.#options = options;
    this.#inode = inodeOf(root);
    this.#add("");
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Watches a directory with all below it. @returns whether there was anything new */
  #add(directory: string): void {
    const pending = [directory];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (this.#watchers.has(path) || !this.#options.enters(path) || !this.#watch(path)) continue;
      for (const name of this.#directoriesIn(path)) pending.push(path === "" ? name : `${path}/${name}`);
    }
  }

  /** False when the directory is gone, or cannot be watched. */
  #watch(path: string): boolean {
    try {
      const watcher = watch(join(this.#root, path), (_, name) => this.#changed(path, name));
      watcher.on("error", () => this.#remove(path)); // it was removed: whoever holds it has told
      this.#watchers.set(path, watcher);
      return true;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (path !== "" && (code === "ENOENT" || code === "ENOTDIR")) return false;
      this.#options.onLost(error);
      return false;
    }
  }

  #directoriesIn(path: string): string[] {
    try {
      const entries = readdirSync(join(this.#root, path), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch {
      return []; // gone since it was seen
    }
  }

  #changed(directory: string, name: string | null): void {
    if (this.#isClosed) return;
    if (directory === "" && name === basename(this.#root) && this.#isMoved()) return this.#options.onMoved();
    const path = name === null ? directory : directory === "" ? name : `${directory}/${name}`;
    const isDirectory = isDirectoryAt(join(this.#root, path));
    if (isDirectory) this.#add(path);
    else this.#remove(path);
    this.#options.onChange(path);
  }

  /** Its own events have the name of the root, which something in it may have too. */
  #isMoved(): boolean {
    return inodeOf(this.#root) !== this.#inode;
  }

  #remove(path: string): void {
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#watchers.delete(watched);
    }
  }
}

/** False for a link, and for what is not there. */
function isDirectoryAt(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Undefined for what is not there. */
function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}
