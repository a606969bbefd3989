// Makes a checkout look the same on every machine: 0644 or 0755, one time for all.

import { chmodSync, lstatSync, rmSync } from "node:fs";
import { hostPath, joinPath, namesIn, setTimes } from "../filesystem/index.js";

export interface TidyOptions {
  /** Whether `.git` of `directory` itself stays. Those of submodules never do. */
  readonly keepGitDir: boolean;
  /** Seconds since the epoch. */
  readonly mtime: number;
}

/** No symlink is followed. What is in `.git` gets its time, and keeps its modes. */
export function tidy(directory: string, options: TidyOptions): void {
  tidyDirectory(directory, "", options);
}

function tidyDirectory(root: string, path: string, options: TidyOptions): void {
  const inGit = path === ".git" || path.startsWith(".git/");
  for (const name of namesIn(`${root}/${path}`)) {
    const child = joinPath(path, name);
    const isKept = inGit || (options.keepGitDir && path === "");
    if (name === ".git" && !isKept) rmSync(hostPath(`${root}/${child}`), { recursive: true });
    else tidyEntry(root, child, options);
  }
  finish(`${root}/${path}`, inGit ? undefined : 0o755, options);
}

function tidyEntry(root: string, path: string, options: TidyOptions): void {
  const place = `${root}/${path}`;
  const stat = lstatSync(hostPath(place));
  if (stat.isDirectory()) return tidyDirectory(root, path, options);
  const mode = path.startsWith(".git/") || stat.isSymbolicLink() ? undefined : stat.mode & 0o100 ? 0o755 : 0o644;
  finish(place, mode, options);
}

function finish(place: string, mode: number | undefined, { mtime }: TidyOptions): void {
  if (mode !== undefined) chmodSync(hostPath(place), mode);
  setTimes(place, mtime, 0);
}
