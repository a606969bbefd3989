// Mount points for a RUN: a lower directory on top of the image's layers that holds stubs for what is missing, so that
// mounting leaves no trace in the layer (S-122, S-125).

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, type FileTree, hostPath } from "../../filesystem/index.js";
import { likeEntry } from "../like-entry.js";

export interface MountPoint {
  /** As the mount names it; symlinks of the image are followed. */
  readonly path: string;
  readonly type: "file" | "directory";
}

/** What every sandbox mounts. */
export const STANDARD_MOUNT_POINTS: readonly MountPoint[] = [
  { path: "proc", type: "directory" },
  { path: "sys", type: "directory" },
  { path: "dev", type: "directory" },
  { path: "etc/hosts", type: "file" },
  { path: "etc/resolv.conf", type: "file" },
];

/** Makes `directory` the scaffold for `points` over `tree`. Directories that the image has keep its metadata. */
export function makeScaffold(directory: string, tree: FileTree, points: readonly MountPoint[]): void {
  const made = new Map<string, Entry | undefined>();
  mkdirSync(directory);
  made.set("", tree.get(""));
  for (const point of points) {
    const path = tree.resolve(point.path);
    if (tree.get(path) || made.has(path)) continue;
    makeParents(directory, tree, path, made);
    if (point.type === "directory") mkdirSync(join(directory, path), { mode: 0o755 });
    else writeFileSync(join(directory, path), "", { mode: 0o644 });
    if (point.type === "directory") made.set(path, undefined);
  }
  for (const [path, entry] of [...made].reverse()) if (entry) likeEntry(join(directory, path), entry);
}

function makeParents(directory: string, tree: FileTree, path: string, made: Map<string, Entry | undefined>): void {
  const names = path.split("/").slice(0, -1);
  for (let depth = 1; depth <= names.length; depth++) {
    const parent = names.slice(0, depth).join("/");
    if (made.has(parent)) continue;
    mkdirSync(hostPath(join(directory, parent)), { mode: 0o755 });
    made.set(parent, tree.get(parent));
  }
}
