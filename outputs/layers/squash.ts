// Several layers as one: what they say together of the layers below them.
// https://github.com/opencontainers/image-spec/blob/main/layer.md

import { type Entry, FileTree, type LayerChange, parentOf } from "../../filesystem/index.js";
import { type Digest, sha256 } from "../../oci/index.js";

export interface SquashedChanges {
  /** In the order that a layer index asks for; deletions are explicit whiteouts (S-160). */
  readonly changes: readonly LayerChange[];
  /** Which of the squashed layers the entry at a path came from. */
  readonly layerOf: (path: string) => number;
  /** The entry as its layer has it. */
  readonly original: (path: string) => Entry;
}

/**
 * @param below what the layers stand on
 * @param layers the changes of each, lowest first
 */
export function squashChanges(below: FileTree, layers: readonly (readonly LayerChange[])[]): SquashedChanges {
  const names = layers.map((_, position) => sha256(`squashed ${position}`));
  const tree = layers.reduce((lower, changes, position) => lower.apply(changes, names[position]), below);
  const positions = new Map<Digest, number>(names.map((name, position) => [name, position]));
  const layerOf = (path: string): number => positions.get(tree.layerOf(path)!)!;
  const isNew = ({ path }: Entry) => positions.has(tree.layerOf(path)!);
  const entries = [...tree.walk()].filter(isNew);
  const changes = [...whiteouts(below, tree), ...relinked(entries, layerOf)];
  return { changes, layerOf, original: (path) => tree.get(path)! };
}

/** What was below and is gone, each by its topmost name. What a file replaced goes with the directory that was there. */
function* whiteouts(below: FileTree, tree: FileTree): Generator<LayerChange> {
  for (const { path } of below.walk())
    if (!tree.get(path) && tree.get(parentOf(path))?.type === "directory") yield { path, type: "whiteout" };
}

/** The first name of a file that is left holds it; the others are links to that one. */
function* relinked(entries: readonly Entry[], layerOf: (path: string) => number): Generator<Entry> {
  const firsts = new Map<string, string>();
  for (const { hardlink, ...entry } of entries) {
    const inode = `${layerOf(entry.path)} ${hardlink ?? entry.path}`;
    const first = entry.type === "directory" ? undefined : firsts.get(inode);
    if (first === undefined && entry.type !== "directory") firsts.set(inode, entry.path);
    yield first === undefined ? entry : { ...entry, hardlink: first };
  }
}
