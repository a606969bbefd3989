// Which units go when there is too much: those that are worth least. A unit is worth the time it takes to have it again, for
// each byte, the less the longer nobody used it; and what others stand on is worth as much as they are.

import type { UnitFilter } from "./filter.js";
import type { Unit } from "./unit.js";

export interface Limits {
  /** Bytes that may stay at most. @default no limit */
  readonly maxUsed?: number;
  /** Bytes that always may stay. @default 0 */
  readonly reserved?: number;
  /** Bytes that the disk shall have free. @default 0 */
  readonly minFree?: number;
}

export interface Selection extends Limits {
  /** Also logs of builds, indexes and what is known of contexts. @default false */
  readonly all?: boolean;
  /** All must say yes. @default [] */
  readonly filters?: readonly UnitFilter[];
  /** Milliseconds: what was used since then stays. @default 0 */
  readonly unusedFor?: number;
}

export interface Room {
  readonly now: number;
  /** Bytes that are free on the disk. */
  readonly free: number;
}

const DAY = 86_400_000;

/** @returns what goes, the least worth first. Without limits all that matches goes */
export function chooseUnits(units: readonly Unit[], selection: Selection, { now, free }: Room): readonly Unit[] {
  const { all = false, filters = [], unusedFor = 0 } = selection;
  const counted = units.filter(({ shared }) => !shared);
  const removable = counted.filter(
    (unit) =>
      !unit.inUse &&
      (all || unit.type !== "internal") &&
      now - unit.lastUsed >= unusedFor &&
      filters.every((filter) => filter(unit)),
  );
  const total = counted.reduce((sum, { size }) => sum + size, 0);
  const keep = bytesToKeep(selection, total, free);
  return takeWhileTooMuch(sortByWorth(removable, units, now), total, keep);
}

/** As BuildKit's garbage collection decides: https://docs.docker.com/build/cache/garbage-collection/ */
export function bytesToKeep({ maxUsed, reserved, minFree }: Limits, total: number, free: number): number {
  if (maxUsed === undefined && reserved === undefined && minFree === undefined) return 0;
  const onlyReserved = maxUsed === undefined && minFree === undefined;
  const lacking = minFree === undefined ? 0 : minFree - free;
  const most = Math.min(maxUsed ?? (onlyReserved ? 0 : Infinity), lacking > 0 ? total - lacking : Infinity);
  return Math.max(most, reserved ?? 0);
}

function takeWhileTooMuch(units: readonly Unit[], total: number, keep: number): readonly Unit[] {
  if (keep === 0) return units;
  let left = total;
  const chosen: Unit[] = [];
  for (const unit of units) {
    if (left <= keep) break;
    chosen.push(unit);
    left -= unit.size;
  }
  return chosen;
}

function sortByWorth(removable: readonly Unit[], units: readonly Unit[], now: number): readonly Unit[] {
  const worth = worthOfAll(units, now);
  return removable.toSorted(
    (a, b) => worth.get(a)! - worth.get(b)! || b.standsOn.length - a.standsOn.length || a.lastUsed - b.lastUsed,
  );
}

function worthOfAll(units: readonly Unit[], now: number): ReadonlyMap<Unit, number> {
  const worth = new Map(units.map((unit) => [unit, worthOf(unit, now)]));
  const byContent = new Map(units.flatMap((unit) => (unit.content === undefined ? [] : [[unit.content, unit]])));
  for (const unit of units) {
    for (const content of unit.standsOn) {
      const below = byContent.get(content);
      if (below) worth.set(below, Math.max(worth.get(below)!, worth.get(unit)!));
    }
  }
  return worth;
}

/** Milliseconds for a byte. */
function worthOf({ cost, size, lastUsed }: Unit, now: number): number {
  const idleDays = Math.max(0, now - lastUsed) / DAY;
  return cost / Math.max(size, 1) / (1 + idleDays);
}
