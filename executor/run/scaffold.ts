// Mount points for a RUN: a lower directory on top of the image's layers that holds stubs for what is missing, so that
// mounting leaves no trace in the layer (S-122, S-125).

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stagedName } from "../../cache/index.js";
import { type Entry, type FileTree, hostPath } from "../../filesystem/index.js";
import { likeEntry } from "../like-entry.js";
import { type NetworkFiles, type NetworkFilesOptions, writeNetworkFiles } from "../sandbox/index.js";

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

/** The scaffolds of one run of a graph, and the files that its steps get. Most steps need the same ones, so they are made once. */
export class Scaffolds {
  readonly #parent: () => string;
  readonly #networkFiles = new Map<string, NetworkFiles>();
  readonly #made = new Map<string, string>();

  /** @param parent makes or names the directory for scaffolds; whoever gave it removes it */
  constructor(parent: () => string) {
    this.#parent = parent;
  }

  networkFiles(options: NetworkFilesOptions): NetworkFiles {
    const key = JSON.stringify(options);
    const known = this.#networkFiles.get(key);
    if (known) return known;
    const directory = stagedName(join(this.#parent(), "network"));
    mkdirSync(directory, { mode: 0o755 });
    const files = writeNetworkFiles(directory, options);
    this.#networkFiles.set(key, files);
    return files;
  }

  /** The scaffold for `points` over `tree`. Directories that the image has keep its metadata. */
  directory(tree: FileTree, points: readonly MountPoint[]): string {
    const stubs = stubsOf(tree, points);
    const key = JSON.stringify(
      stubs.map(({ path, type, like }) => [path, type, like && { ...like, xattrs: undefined }]),
    );
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const directory = stagedName(join(this.#parent(), "scaffold"));
    makeStubs(directory, stubs);
    this.#made.set(key, directory);
    return directory;
  }
}

export interface Stub {
  readonly path: string;
  readonly type: "file" | "directory";
  /** What the image has there, for a directory on the way. */
  readonly like: Entry | undefined;
}

/** Parents first. What of `points` the tree lacks, with the directories on the way. */
export function stubsOf(tree: FileTree, points: readonly MountPoint[]): Stub[] {
  const stubs = new Map<string, Stub>([["", { path: "", type: "directory", like: tree.get("") }]]);
  for (const point of points) {
    const path = tree.resolve(point.path);
    if (tree.get(path) || stubs.has(path)) continue;
    for (const parent of parentsOf(path))
      if (!stubs.has(parent)) stubs.set(parent, { path: parent, type: "directory", like: tree.get(parent) });
    stubs.set(path, { path, type: point.type, like: undefined });
  }
  return [...stubs.values()];
}

function parentsOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, depth) => names.slice(0, depth + 1).join("/"));
}

function makeStubs(root: string, stubs: readonly Stub[]): void {
  for (const { path, type } of stubs) {
    const host = hostPath(join(root, path));
    if (type === "directory") mkdirSync(host, { mode: 0o755 });
    else writeFileSync(host, "", { mode: 0o644 });
  }
  for (const { path, like } of stubs.toReversed()) if (like) likeEntry(join(root, path), like);
}
