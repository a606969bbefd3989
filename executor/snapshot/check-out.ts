// A snapshot as files of the host, where nothing can be mounted over another.

import { type Checkout, checkOut, type Entry, FileTree, joinPath, nameOf } from "../../filesystem/index.js";
import type { Running } from "../context.js";
import type { Snapshot } from "../layers/index.js";
import { unpackOptions } from "../layers/index.js";
import { type MountPoint, stubsOf } from "../run/scaffold.js";

export interface SnapshotFiles {
  readonly snapshot: Snapshot;
  readonly tree: FileTree;
  /** Where they are made: it is missing. */
  readonly directory: string;
  /** Places to mount on, made where they are missing. @default none */
  readonly points?: readonly MountPoint[];
}

export function checkOutSnapshot(execution: Running, files: SnapshotFiles): Promise<Checkout> {
  const { snapshot, tree, directory, points = [] } = files;
  const stubs = stubsOf(tree, points).filter(({ path }) => !tree.get(path));
  const extra = stubs.map(({ path, type }) => stubEntry(path, type));
  const inodes = sharedInodes(tree);
  const inodeOf = ({ path }: Entry): string | undefined => inodes.get(path);
  return make(execution, { snapshot, tree, directory, extra, inodeOf, sourceOf: (entry) => entry });
}

/**
 * What the snapshot has at `source`, and below it.
 * @param source canonical; a directory's content is made in `directory`, a file in it by its own name
 * @returns the path of the file or directory
 */
export async function checkOutPart(execution: Running, files: SnapshotFiles, source: string): Promise<string> {
  const { snapshot, tree, directory } = files;
  const isDirectory = tree.get(source)?.type === "directory";
  const sources = new Map<string, Entry>();
  for (const entry of tree.walk(source)) {
    const below = source === "" ? entry.path : entry.path.slice(source.length + 1);
    sources.set(isDirectory ? below : nameOf(source), entry);
  }
  const part = FileTree.of([...sources].map(([path, { hardlink: _, ...inode }]) => ({ ...inode, path })));
  const sourceOf = ({ path }: Entry): Entry => sources.get(path)!;
  await make(execution, { snapshot, tree: part, whole: tree, directory, extra: [], sourceOf });
  return isDirectory ? directory : joinPath(directory, nameOf(source));
}

interface Made {
  readonly snapshot: Snapshot;
  readonly tree: FileTree;
  /** Where `sourceOf` leads. @default `tree` */
  readonly whole?: FileTree;
  readonly directory: string;
  readonly extra: readonly Entry[];
  readonly inodeOf?: (entry: Entry) => string | undefined;
  /** The entry of the snapshot that an entry of `tree` is. */
  readonly sourceOf: (entry: Entry) => Entry;
}

async function make(
  { layers, signal }: Running,
  { snapshot, tree, whole = tree, directory, sourceOf, ...options }: Made,
): Promise<Checkout> {
  const needed = new Set(
    [...tree.walk()].flatMap((entry) => (entry.size > 0 ? [whole.layerOf(sourceOf(entry).path)!] : [])),
  );
  await layers.prepareContent(snapshot, needed);
  const contentOf = (entry: Entry) => {
    const source = sourceOf(entry);
    return layers.contentOf(whole.layerOf(source.path)!, source);
  };
  return checkOut(tree, directory, { ...unpackOptions(), ...options, contentOf, signal });
}

/** More bytes than this are not copied for the names of one file that the layers have linked: busybox has hundreds. */
const MOST_COPIED = 64 << 20;

/** The files whose names stay linked, by path. A write to one of them is a write to all, which it would not be on an overlay. */
function sharedInodes(tree: FileTree): ReadonlyMap<string, string> {
  const names = new Map<string, Entry[]>();
  for (const entry of tree.walk()) {
    if (entry.type !== "file" || entry.size === 0) continue;
    const inode = `${tree.layerOf(entry.path)} ${entry.hardlink ?? entry.path}`;
    names.set(inode, [...(names.get(inode) ?? []), entry]);
  }
  const shared = [...names].filter(([, [first, ...rest]]) => rest.length * first!.size > MOST_COPIED);
  return new Map(shared.flatMap(([inode, entries]) => entries.map(({ path }) => [path, inode] as const)));
}

function stubEntry(path: string, type: "file" | "directory"): Entry {
  const mode = type === "file" ? 0o644 : 0o755;
  return { path, type, mode, uid: 0, gid: 0, size: 0, mtime: 0, mtimeNs: 0 };
}
