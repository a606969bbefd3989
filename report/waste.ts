// Bytes that an image carries and nobody sees: files that a later layer overwrites or deletes.

import { type Entry, FileTree, type LayerChange, type LayerIndex } from "../filesystem/index.js";

export interface WastedPath {
  /** What was overwritten or deleted: a file, or a directory with all below it. */
  readonly path: string;
  readonly kind: "overwritten" | "deleted";
  /** Bytes of content below that are hidden. */
  readonly bytes: number;
  /** The layer that hides them, from 0. */
  readonly layer: number;
}

export interface Waste {
  /** Largest first. */
  readonly paths: readonly WastedPath[];
  readonly bytes: number;
  /** For each layer the bytes of its own that later ones hide. */
  readonly ofLayers: readonly number[];
}

/** @param layers lowest first */
export function findWaste(layers: readonly LayerIndex[]): Waste {
  const paths: WastedPath[] = [];
  const ofLayers = layers.map(() => 0);
  const order = new Map(layers.map(({ diffID }, position) => [diffID, position]));
  let below = FileTree.empty;
  for (const [layer, { changes, diffID }] of layers.entries()) {
    for (const change of changes) {
      const hidden = hiddenBy(change, below);
      const bytes = hidden.reduce((sum, entry) => sum + entry.size, 0);
      if (bytes === 0) continue;
      const kind = change.type === "whiteout" || change.type === "opaque" ? "deleted" : "overwritten";
      paths.push({ path: change.path, kind, bytes, layer });
      for (const entry of hidden) ofLayers[order.get(below.layerOf(entry.path)!)!]! += entry.size;
    }
    below = below.apply(changes, diffID);
  }
  const bytes = paths.reduce((sum, path) => sum + path.bytes, 0);
  return { paths: paths.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)), bytes, ofLayers };
}

/** Files of the layers below that a change takes out of sight. Further names of a file have no bytes. */
function hiddenBy(change: LayerChange, below: FileTree): readonly Entry[] {
  const old = below.get(change.path);
  if (!old) return [];
  if (change.type === "opaque") return [...below.walk(change.path)].filter((entry) => entry !== old && hasBytes(entry));
  if (change.type === "directory" && old.type === "directory") return [];
  return [...below.walk(change.path)].filter(hasBytes);
}

function hasBytes({ type, size, hardlink }: Entry): boolean {
  return type === "file" && size > 0 && hardlink === undefined;
}
