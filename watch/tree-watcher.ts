// Tells of changes below a directory: one inotify watch for each directory that counts.
// man 7 inotify

import { type FSWatcher, lstatSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";

export interface TreeWatcherOptions {
  /** Whether something below a directory counts; "" is the root. */
  readonly enters: (path: string) => boolean;
  /** Told of a path that was made, changed, moved or removed: relative to the root. */
  readonly onChange: (path: string) => void;
  /** Told that changes can no longer be seen: too many watches, or the root is gone. */
  readonly onLost: (error: unknown) => void;
}

export class TreeWatcher {
  readonly #root: string;
  readonly #options: TreeWatcherOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;

  constructor(root: string, options: TreeWatcherOptions) {
    this.#root = root;
    this.#options = options;
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
    const path = name === null ? directory : directory === "" ? name : `${directory}/${name}`;
    const isDirectory = lstatSync(join(this.#root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isDirectory) this.#add(path);
    else this.#remove(path);
    this.#options.onChange(path);
  }

  #remove(path: string): void {
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#watchers.delete(watched);
    }
  }
}
