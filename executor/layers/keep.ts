// How a layer that was just packed gets into the store, or gives way to an equal one that is there (early cutoff).

import { blobOf, type LayerFact, type Store } from "../../cache/index.js";
import { type LayerIndex, withDates } from "../../filesystem/index.js";
import { hexOf } from "../../oci/index.js";
import type { ImageOrigin } from "../../planner/index.js";
import type { LayerAccess } from "./access.js";
import type { Layer } from "./layer.js";
import { unpackedName } from "./unpacked.js";

/** The layer of the store that says the same, whatever its times. */
export function equalLayer(store: Store, content: LayerFact["content"]): LayerFact | undefined {
  const fact = store.layersByContent.use(hexOf(content));
  return fact && layerExists(store, fact) ? fact : undefined;
}

export interface PackedLayer {
  readonly index: LayerIndex;
  /** The finished tar, in the scratch directory. It is taken over. */
  readonly tar: string;
  /** The same layer as an overlay directory. It is taken over. */
  readonly unpacked?: string;
  /** Milliseconds since the epoch. @default not known */
  readonly began?: number;
  /** RFC 3339, UTC. */
  readonly created: string;
}

/** Keeps a packed layer and makes it known by its content. */
export function keepLayer(
  store: Store,
  access: LayerAccess,
  { index, tar, unpacked, began, created }: PackedLayer,
): LayerFact {
  const { diffID, size, dates } = index;
  const content = withDates(index.content, dates);
  const since = began !== undefined && { began: new Date(began).toISOString() };
  const fact = { diffID, content, ...(dates && { dates }), size, created, ...since };
  store.adding(() => {
    store.blobs.adopt(tar, index.diffID);
    store.putLayerIndex(index);
    if (unpacked !== undefined) store.adoptUnpacked(unpacked, unpackedName(index.diffID));
    store.layersByContent.put(hexOf(content), fact);
  });
  access.know(index);
  return fact;
}

/** False when prune or a crash took the bytes. */
export function layerExists(store: Store, layer: Pick<LayerFact, "diffID" | "size" | "blob">): boolean {
  return store.blobs.hasSync(blobOf(layer));
}

/** @param origin where the blob is when the store has none */
export function layerOf(fact: Omit<LayerFact, "created" | "began">, origin?: ImageOrigin): Layer {
  const { diffID, content, dates } = fact;
  return { diffID, content, ...(dates && { dates }), blob: blobOf(fact), ...(origin && { origin }) };
}
