// Everything in the store that can be removed by itself.

import { statSync } from "node:fs";
import type { Store } from "../cache/index.js";
import { entriesOf } from "./blocks.js";
import { internalUnits } from "./internal.js";
import { layerUnits } from "./layers.js";
import { mountUnits } from "./mounts.js";
import { pulledUnits } from "./pulled.js";
import { blobsOfImages } from "./reachable.js";
import { downloadUnits, sourceUnits } from "./sources.js";
import { TYPES, type Unit } from "./unit.js";
import { unpackedUnits } from "./unpacked.js";
import { FETCHED_EACH_MS, StoreView } from "./view.js";

export interface Inventory {
  readonly units: readonly Unit[];
  /** Hex digests of the blobs of images. */
  readonly imageBlobs: ReadonlySet<string>;
}

/** @param busySince when the first of the builds that run now began; what was used since then is in use */
export function takeInventory(store: Store, busySince: number | undefined): Inventory {
  const imageBlobs = blobsOfImages(store);
  const view = new StoreView(store, imageBlobs, busySince);
  const owned = [...layerUnits(view), ...pulledUnits(view), ...downloadUnits(view)];
  const known = new Set([...imageBlobs, ...owned.flatMap(({ parts }) => parts.blobs)]);
  return {
    imageBlobs,
    units: [
      ...owned,
      ...unpackedUnits(view),
      ...mountUnits(view),
      ...sourceUnits(view),
      ...looseUnits(view, known),
      ...internalUnits(view, new Set(owned.flatMap(({ parts }) => parts.paths))),
    ],
  };
}

/** Blobs that nothing names any more: of images that lost their name. */
function looseUnits(view: StoreView, known: ReadonlySet<string>): Unit[] {
  return entriesOf(view.store.paths.blobs).flatMap(({ name }) => {
    if (known.has(name) || name.endsWith(".tmp")) return [];
    const stats = statSync(`${view.store.paths.blobs}/${name}`, { throwIfNoEntry: false });
    if (!stats) return [];
    const times = { created: stats.mtimeMs, lastUsed: Math.max(stats.mtimeMs, stats.ctimeMs) };
    return [
      {
        ...view.unit("loose", name, `blob that no image and no cache names`, times),
        type: TYPES.loose,
        size: stats.blocks * 512,
        cost: stats.size / FETCHED_EACH_MS,
        parts: { facts: [], blobs: [name], paths: [] },
      },
    ];
  });
}
