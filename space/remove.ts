// Takes units out of the store beside builds that run: what one has begun to use in the meantime stays.

import { renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { oldestUser, removeFact, type Store, stagedName, tryLock } from "../cache/index.js";
import { removeTree } from "../filesystem/index.js";
import type { Inventory } from "./inventory.js";
import type { Unit } from "./unit.js";

/** @returns the units that are gone. Whoever needs one of them afterwards makes it again */
export function removeUnits(store: Store, units: readonly Unit[], inventory: Inventory): readonly Unit[] {
  const needed = referenceCounts(inventory);
  return units.filter((unit) => {
    const staged: string[] = [];
    const isGone = store.removing(() => removeOne(store, unit, needed, staged));
    for (const path of staged) removeTree(path);
    return isGone;
  });
}

/** How many units, and images, have a blob. */
function referenceCounts({ units, imageBlobs }: Inventory): Map<string, number> {
  const counts = new Map([...imageBlobs].map((hex) => [hex, 1]));
  for (const { parts } of units) for (const hex of parts.blobs) counts.set(hex, (counts.get(hex) ?? 0) + 1);
  return counts;
}

/** @param staged gets what was moved away, to be removed when nobody waits */
function removeOne(store: Store, unit: Unit, needed: Map<string, number>, staged: string[]): boolean {
  if (wasUsed(store, unit)) return false;
  const { facts, blobs, paths, lock, use } = unit.parts;
  const held = lock === undefined ? undefined : tryLock(lock);
  if (lock !== undefined && !held) return false;
  try {
    if (!facts.map(removeFact).every((gone) => gone)) return false;
    for (const hex of blobs) {
      const others = (needed.get(hex) ?? 1) - 1;
      needed.set(hex, others);
      if (others === 0) rmSync(`${store.paths.blobs}/${hex}`, { force: true });
    }
    for (const path of paths) moveAway(store, path, staged);
    if (use !== undefined) rmSync(use, { force: true });
    return true;
  } finally {
    held?.release();
  }
}

/** Facts answer for themselves: `removeFact` looks once more. */
function wasUsed(store: Store, { parts, lastUsed, inUse }: Unit): boolean {
  if (inUse) return true;
  if (parts.blobs.some((hex) => isYounger(`${store.paths.blobs}/${hex}`, lastUsed))) return true;
  return parts.use !== undefined && isYounger(parts.use, lastUsed) && oldestUser(store.paths.users) !== undefined;
}

function isYounger(path: string, time: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.mtimeMs > time;
}

/** @param staged gets where it is now, to be removed when nobody waits */
export function moveAway(store: Store, path: string, staged: string[]): void {
  const aside = stagedName(join(store.scratch(), "pruned"));
  try {
    renameSync(path, aside);
    staged.push(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
