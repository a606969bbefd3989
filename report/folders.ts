// Folders by what is in them, as a tree of the largest.

import { type FileTree, parentOf } from "../filesystem/index.js";

export interface Folder {
  /** Without a leading "/"; "" is the root. */
  readonly path: string;
  /** Bytes of the files in it and below it. */
  readonly bytes: number;
  readonly files: number;
  /** Those that are worth a line, largest first. */
  readonly folders: readonly Folder[];
}

/** Levels below the root that are told apart. */
const DEEPEST = 4;
/** A folder with less of the whole has no line. */
const LEAST = 1 / 200;

interface Sum {
  bytes: number;
  files: number;
}

export function measureFolders(tree: FileTree): Folder {
  const sums = new Map<string, Sum>([["", { bytes: 0, files: 0 }]]);
  for (const entry of tree.walk()) {
    if (entry.type === "directory") continue;
    const bytes = entry.hardlink === undefined ? entry.size : 0;
    for (const path of foldersOf(entry.path)) {
      const sum = sums.get(path) ?? { bytes: 0, files: 0 };
      sums.set(path, { bytes: sum.bytes + bytes, files: sum.files + 1 });
    }
  }
  return treeOf(sums);
}

/** The folders that a file counts for, the root last. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let folder = parentOf(path); folder !== ""; folder = parentOf(folder))
    if (folder.split("/").length <= DEEPEST) folders.push(folder);
  return [...folders, ""];
}

function treeOf(sums: ReadonlyMap<string, Sum>): Folder {
  const least = sums.get("")!.bytes * LEAST;
  const below = new Map<string, string[]>();
  for (const [path, { bytes }] of sums) {
    if (path === "" || bytes < least || bytes === 0) continue;
    const parent = parentOf(path);
    below.set(parent, [...(below.get(parent) ?? []), path]);
  }
  const folderOf = (path: string): Folder => {
    const folders = (below.get(path) ?? []).map(folderOf).sort((a, b) => b.bytes - a.bytes);
    return { path, ...sums.get(path)!, folders };
  };
  return folderOf("");
}
