// Prune: takes stock, chooses, removes, and tells what went.

import { statfsSync } from "node:fs";
import { oldestUser, type Store } from "../cache/index.js";
import { chooseUnits, type Selection } from "./choose.js";
import { type Inventory, takeInventory } from "./inventory.js";
import { removeUnits } from "./remove.js";
import { dropDangling, tidy } from "./tidy.js";
import type { Unit } from "./unit.js";

export interface Pruned {
  readonly units: readonly Unit[];
  /** Bytes on the disk. */
  readonly bytes: number;
}

/** @returns what would go, and nothing is touched */
export function prunable(store: Store, selection: Selection): Pruned {
  return sum(choose(store, takeInventory(store, oldestUser(store.paths.users)), selection));
}

/**
 * Removes what a selection chooses.
 * @param store its own process does not count as one that needs something
 * @throws store_unwritable
 */
export function prune(store: Store, selection: Selection): Pruned {
  const inventory = takeInventory(store, oldestUser(store.paths.users));
  if (selection.all) tidy(store);
  const removed = removeUnits(store, choose(store, inventory, selection), inventory);
  dropDangling(store);
  return sum(removed);
}

/**
 * As `prune`, from within a process that builds: what other builds of it use stays too.
 * @param began of the build: what was used since then stays. Undefined when it uses nothing any more
 */
export function pruneBesides(store: Store, began: number | undefined, selection: Selection): Pruned {
  const busy = [began, store.oldestOther()].filter((time) => time !== undefined);
  const inventory = takeInventory(store, busy.length > 0 ? Math.min(...busy) : undefined);
  const removed = removeUnits(store, choose(store, inventory, selection), inventory);
  if (removed.length > 0) dropDangling(store);
  return sum(removed);
}

function choose(store: Store, { units }: Inventory, selection: Selection): readonly Unit[] {
  return chooseUnits(units, selection, { now: Date.now(), free: freeBytes(store.paths.root) });
}

/** Bytes that this user may still write on the filesystem of a path. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function sum(units: readonly Unit[]): Pruned {
  return { units, bytes: units.reduce((total, { size }) => total + size, 0) };
}
