// A part of a source tree as COPY would have it, or as a layer of its own, so that it can be mounted or unpacked.

import { type Entry, FileTree, joinPath, parentOf } from "../../filesystem/index.js";
import type { Execution } from "../context.js";
import { type Content, Destination } from "../copy/destination.js";
import type { SourceTree } from "../copy/source.js";
import { type Layer, layerOf } from "../layers/index.js";
import { packAndKeep } from "../pack.js";

/** Sorted entries, and where their content is. */
export interface Selection {
  readonly entries: readonly Entry[];
  readonly contentOf: (entry: Entry) => Content;
}

/**
 * The entry at `path` and all below it, with what is above them, at `target`.
 * @param path canonical in the source
 */
export async function select(source: SourceTree, path: string, target: string): Promise<Selection> {
  const destination = new Destination(FileTree.empty, { uid: 0, gid: 0, mode: 0o755, mtime: 0 });
  const moved = (from: string) =>
    from === path ? target : joinPath(target, path === "" ? from : from.slice(path.length + 1));
  for (const entry of await source.hash(entriesAt(source, path))) put(destination, source, entry, moved);
  return { entries: destination.changes(), contentOf: (entry) => destination.content(entry.path)! };
}

/** A selection as a layer of its own. */
export async function selectionLayer(
  execution: Execution,
  source: SourceTree,
  path: string,
  target: string,
): Promise<Layer> {
  const { entries, contentOf } = await select(source, path, target);
  const { layer } = await packAndKeep(execution, entries, contentOf);
  return layerOf(layer);
}

export function entriesAt(source: SourceTree, path: string): readonly Entry[] {
  return source.tree.get(path) ? [...source.tree.walk(path)] : [];
}

/** A hard link whose first name is outside of the selection becomes a file of its own. */
function put(destination: Destination, source: SourceTree, entry: Entry, moved: (path: string) => string): void {
  const { offset: _, hardlink, ...inode } = entry;
  const path = moved(entry.path);
  if (path === "") return;
  destination.makeDirectory(parentOf(path));
  const first = hardlink === undefined ? undefined : destination.get(moved(hardlink))?.path;
  if (entry.type !== "file") destination.put({ ...inode, path });
  else if (first !== undefined && first < path) destination.put({ ...inode, path, hardlink: first });
  else destination.put({ ...inode, path }, source.contentOf(entry));
}
