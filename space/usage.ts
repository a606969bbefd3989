// What takes the space: the store by kinds of things, in bytes on the disk.

import { oldestUser, type Store } from "../cache/index.js";
import { bytesOnDisk } from "./blocks.js";
import type { UnitFilter } from "./filter.js";
import { takeInventory } from "./inventory.js";
import type { Unit, UnitKind } from "./unit.js";

export type UsageKind = UnitKind | "images" | "temporary" | "records";

export interface UsageRow {
  readonly kind: UsageKind;
  readonly count: number;
  /** How many a running build, or an image, needs. */
  readonly active: number;
  readonly size: number;
  /** Bytes that `prune --all` would free. */
  readonly reclaimable: number;
}

export interface Usage {
  readonly rows: readonly UsageRow[];
  readonly total: number;
  readonly reclaimable: number;
  readonly units: readonly Unit[];
}

const KINDS: readonly UnitKind[] = ["layer", "unpacked", "pulled", "mount", "source", "download", "loose", "internal"];

export function diskUsage(store: Store, filters: readonly UnitFilter[] = []): Usage {
  const inventory = takeInventory(store, oldestUser(store.paths.users));
  const units = inventory.units.filter((unit) => filters.every((filter) => filter(unit)));
  const rows = KINDS.map((kind) =>
    rowOf(
      kind,
      units.filter((unit) => unit.kind === kind),
    ),
  );
  const beside = filters.length > 0 ? [] : besideUnits(store, inventory.imageBlobs);
  const all = [...beside.slice(0, 1), ...rows, ...beside.slice(1)];
  return {
    rows: all,
    total: all.reduce((sum, { size }) => sum + size, 0),
    reclaimable: all.reduce((sum, { reclaimable }) => sum + reclaimable, 0),
    units,
  };
}

function rowOf(kind: UsageKind, units: readonly Unit[]): UsageRow {
  const isNeeded = ({ inUse, shared }: Unit) => inUse || shared;
  return {
    kind,
    count: units.length,
    active: units.filter(isNeeded).length,
    size: units.reduce((sum, { size }) => sum + size, 0),
    reclaimable: units.filter((unit) => !isNeeded(unit)).reduce((sum, { size }) => sum + size, 0),
  };
}

/** What no prune of the cache touches: images, small records of steps, and what processes have not finished. */
function besideUnits({ paths, names }: Store, imageBlobs: ReadonlySet<string>): readonly UsageRow[] {
  const seen = new Set<string>();
  const ofImages = [...imageBlobs].reduce((sum, hex) => sum + bytesOnDisk(`${paths.blobs}/${hex}`, seen), 0);
  const images = new Set(names.list().map(({ descriptor }) => descriptor.digest)).size;
  const rest = ["records/steps3", "uses", "users", "locks", "journal"].map((name) =>
    bytesOnDisk(`${paths.root}/${name}`),
  );
  const row = (kind: UsageKind, size: number, count = 0): UsageRow => ({
    kind,
    count,
    active: count,
    size,
    reclaimable: 0,
  });
  return [
    row("images", ofImages, images),
    row(
      "records",
      rest.reduce((sum, size) => sum + size, 0),
    ),
    row("temporary", bytesOnDisk(paths.scratch)),
  ];
}
