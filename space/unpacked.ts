// Layers unpacked for RUN: they come back from their blobs.

import { join } from "node:path";
import { namesIn } from "./blocks.js";
import type { Unit } from "./unit.js";
import { type StoreView, UNPACKED_EACH_MS } from "./view.js";

export function unpackedUnits(view: StoreView): Unit[] {
  const { paths } = view.store;
  return namesIn(paths.layers).map((name) => {
    const path = join(paths.layers, name);
    const size = view.sizeOfFixed(path, "layer", name);
    return {
      ...view.unit("unpacked", name, "layer unpacked for RUN", view.timesOf(path, "layer", name)),
      size,
      cost: 10 + size / UNPACKED_EACH_MS,
      parts: { facts: [], blobs: [], paths: [path], use: paths.use("layer", name) },
    };
  });
}
