// A part of a source tree as a layer of its own, so that it can be mounted or unpacked as the image would have it.

import { type Entry, FileTree, joinPath, parentOf } from "../../filesystem/index.js";
import type { Execution } from "../context.js";
import { Destination } from "../copy/destination.js";
import type { SourceTree } from "../copy/source.js";
import { type Layer, layerOf } from "../layers/index.js";
import { packAndKeep } from "../pack.js";

/**
 * The layer that holds the entry at `path` and all below it, at `target` in the layer.
 * @param path canonical in the source
 */
export async function selectionLayer(
  execution: Execution,
  source: SourceTree,
  path: string,
  target: string,
): Promise<Layer> {
  const destination = new Destination(FileTree.empty, { uid: 0, gid: 0, mode: 0o755, mtime: 0 });
  const moved = (from: string) =>
    from === path ? target : joinPath(target, path === "" ? from : from.slice(path.length + 1));
  for (const entry of await source.hash(entriesAt(source, path))) put(destination, source, entry, moved);
  const { layer } = await packAndKeep(execution, destination.changes(), (entry) => destination.content(entry.path)!);
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
