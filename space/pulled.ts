// Base images: what references stood for when they were pulled, with the blobs that came with them.

import { type Descriptor, hexOf } from "../oci/index.js";
import { isDescriptor, storedFacts } from "../cache/index.js";
import { childrenOf, reachableFrom } from "./reachable.js";
import type { Unit } from "./unit.js";
import { FETCHED_EACH_MS, type StoreView } from "./view.js";

export function pulledUnits(view: StoreView): Unit[] {
  const facts = storedFacts(view.store.paths, "pulled1");
  return facts.flatMap((fact) => {
    if (!isDescriptor(fact.value)) return [];
    const blobs = [...reachableFrom(view.store, fact.value)];
    const times = view.timesOfBlobs(blobs) ?? { created: fact.lastUsed, lastUsed: 0 };
    const size = view.sizeOfBlobs(blobs);
    return [
      {
        ...view.unit("pulled", hexOf(fact.value.digest), describe(view, fact.value), {
          ...times,
          lastUsed: Math.max(times.lastUsed, fact.lastUsed),
        }),
        size,
        shared: view.isInImage(hexOf(fact.value.digest)),
        cost: 500 + size / FETCHED_EACH_MS,
        parts: { facts: [fact], blobs, paths: [] },
      },
    ];
  });
}

function describe({ store }: StoreView, manifest: Descriptor): string {
  const layers = childrenOf(store, manifest).length - 1;
  return `base image ${manifest.digest} of ${Math.max(layers, 0)} layers`;
}
