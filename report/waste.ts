// Bytes that an image carries and nobody sees: files that a later layer overwrites or deletes.

import { type Entry, FileTree, type LayerChange, type LayerIndex, parentOf } from "../filesystem/index.js";

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
    for (const { hidden, ...wasted } of hiddenBy(changes, below)) {
      paths.push({ ...wasted, layer });
      for (const entry of hidden) ofLayers[order.get(below.layerOf(entry.path)!)!]! += entry.size;
    }
    below = below.apply(changes, diffID);
  }
  const bytes = paths.reduce((sum, path) => sum + path.bytes, 0);
  return { paths: paths.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)), bytes, ofLayers };
}

interface Hidden extends Omit<WastedPath, "layer"> {
  readonly hidden: readonly Entry[];
}

/** What a layer takes out of sight, each file once. */
function hiddenBy(changes: readonly LayerChange[], below: FileTree): Hidden[] {
  const counted = new Set<string>();
  const found: Hidden[] = [];
  for (const change of changes) {
    const isMark = change.type === "whiteout" || change.type === "opaque";
    for (const path of [...(isMark ? [] : replacedParents(change.path, below)), change.path]) {
      const hidden = filesHidden(change, path, below).filter((entry) => !counted.has(entry.path));
      const bytes = hidden.reduce((sum, entry) => sum + entry.size, 0);
      if (bytes > 0) found.push({ path, kind: isMark ? "deleted" : "overwritten", bytes, hidden });
      for (const entry of hidden) counted.add(entry.path);
    }
  }
  return found;
}

/** Files that give way to a directory, which the layer needs and does not describe. */
function replacedParents(path: string, below: FileTree): string[] {
  const parent = parentOf(path);
  if (parent === "") return [];
  const old = below.get(parent);
  return old && old.type !== "directory" ? [parent] : replacedParents(parent, below);
}

/** Files of the layers below. Further names of a file have no bytes. */
function filesHidden(change: LayerChange, path: string, below: FileTree): readonly Entry[] {
  const old = below.get(path);
  if (!old) return [];
  if (change.type === "directory" && change.path === path && old.type === "directory") return [];
  const stays = change.type === "opaque" ? old : undefined;
  return [...below.walk(path)].filter((entry) => hasBytes(entry) && entry !== stays);
}

function hasBytes({ type, size, hardlink }: Entry): boolean {
  return type === "file" && size > 0 && hardlink === undefined;
}
