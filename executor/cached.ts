// The frame of every operation that makes a layer: look up the record, else make the layer and write the record.

import type { LayerFact } from "../cache/index.js";
import type { Execution, Made, SnapshotResult } from "./context.js";
import { cacheKey, recordName } from "./key.js";
import { layerExists, layerOf, type Snapshot } from "./layers/index.js";

export interface LayerOperation {
  /** Canonical JSON of this is the key, and the record keeps it so that a miss can be explained. */
  readonly inputs: unknown;
  /** What the new layer stands on. */
  readonly below: Snapshot;
  readonly noCache: boolean;
  /**
   * Makes the layer, or finds that an equal one is there.
   * @returns reused: true when nothing had to be written
   */
  readonly make: () => Promise<{ readonly layer: LayerFact; readonly reused: boolean }>;
}

export async function cachedLayer(execution: Execution, operation: LayerOperation): Promise<Made> {
  const { store } = execution;
  const name = recordName(cacheKey(operation.inputs));
  const record = operation.noCache ? undefined : store.records.get(name);
  if (record && layerExists(store, record.layer)) return made(operation, record.layer, true);

  const started = Date.now();
  const { layer, reused } = await operation.make();
  store.records.put(name, { version: 1, inputs: operation.inputs, layer, duration: Date.now() - started });
  return made(operation, layer, reused && !operation.noCache);
}

function made(operation: LayerOperation, layer: LayerFact, cached: boolean): Made {
  const snapshot = { layers: [...operation.below.layers, layerOf(layer)] };
  const result: SnapshotResult = { kind: "snapshot", snapshot, created: layer.created };
  return { result, cached, layer: { digest: layer.diffID, size: layer.size } };
}
