// What a context consists of, folder by folder: what `tsbuild context` prints.

import { type FileTree, nameOf } from "../../filesystem/index.js";

export interface ContextSummary {
  /** Everything that is neither ignored nor a directory. */
  readonly files: number;
  /** Bytes of all files; a hard link counts once. */
  readonly bytes: number;
  /** Sorted by path; the root is "". */
  readonly folders: readonly FolderSummary[];
}

export interface FolderSummary {
  readonly path: string;
  /** Bytes of all files in and below the folder. */
  readonly bytes: number;
  /** What is in the folder itself, but for other folders. */
  readonly list: readonly { readonly name: string; readonly bytes: number }[];
}

export function describeContext(tree: FileTree): ContextSummary {
  const folders: FolderSummary[] = [];
  const bytes = describeFolder("", tree, folders);
  const files = folders.reduce((sum, { list }) => sum + list.length, 0);
  return { files, bytes, folders: folders.reverse() };
}

/** Appends the folders below, last first, then the folder itself. @returns its bytes. */
function describeFolder(path: string, tree: FileTree, folders: FolderSummary[]): number {
  const children = tree.children(path);
  const list = children
    .filter(({ type }) => type !== "directory")
    .map((entry) => ({ name: nameOf(entry.path), bytes: entry.hardlink === undefined ? entry.size : 0 }));
  let bytes = list.reduce((sum, file) => sum + file.bytes, 0);
  for (const child of children.filter(({ type }) => type === "directory").reverse())
    bytes += describeFolder(child.path, tree, folders);
  folders.push({ path, bytes, list });
  return bytes;
}
