// How much each package takes: what it says itself, else the files that are its own.

import { type FileTree, parentOf } from "../filesystem/index.js";
import type { InstalledPackage } from "../packages/index.js";

export interface SizedPackage extends InstalledPackage {
  /** Bytes; 0 when nothing tells. */
  readonly size: number;
}

/** Largest first. */
export function sizePackages(packages: readonly InstalledPackage[], tree: FileTree): readonly SizedPackage[] {
  const sized = packages.map((found) => ({ ...found, size: found.size ?? sizeOf(found, tree) }));
  return sized.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
}

function sizeOf({ type, from, name }: InstalledPackage, tree: FileTree): number {
  const place = parentOf(from);
  if (type === "npm") return bytesBelow(tree, place, "node_modules");
  if (type !== "pypi") return 0;
  const [folder, module] = [parentOf(place), name.replaceAll("-", "_")];
  const places = [place, ...[module, module.toLowerCase()].map((one) => (folder === "" ? one : `${folder}/${one}`))];
  const own = [...new Set(places)].filter((one) => tree.get(one)?.type === "directory");
  return own.reduce((sum, one) => sum + bytesBelow(tree, one), 0);
}

/** @param without a folder of this name in it holds what belongs to others */
function bytesBelow(tree: FileTree, path: string, without?: string): number {
  let bytes = 0;
  for (const entry of tree.walk(path)) {
    const isOther = without !== undefined && entry.path.startsWith(`${path}/${without}/`);
    if (!isOther && entry.hardlink === undefined) bytes += entry.size;
  }
  return bytes;
}
