// The frame of every operation that makes a layer: look up the record, else make the layer and write the record.

import type { CacheRecord, LayerFact } from "../cache/index.js";
import type { Vertex } from "../planner/index.js";
import type { Execution, Made, SnapshotResult } from "./context.js";
import { cacheKey, recordName } from "./key.js";
import { layerExists, layerOf, type Snapshot } from "./layers/index.js";
import { describeChanges, explain } from "./why/index.js";

export interface LayerOperation {
  /** Canonical JSON of this is the key, and the record keeps it so that a miss can be explained. */
  readonly inputs: unknown;
  /** What the new layer stands on. */
  readonly below: Snapshot;
  readonly vertex: Vertex;
  /**
   * Makes the layer, or finds that an equal one is there.
   * @returns reused: true when nothing had to be written
   */
  readonly make: () => Promise<{ readonly layer: LayerFact; readonly reused: boolean }>;
}

export async function cachedLayer(execution: Execution, operation: LayerOperation): Promise<Made> {
  const { store } = execution;
  const name = recordName(cacheKey(operation.inputs));
  const { vertex } = operation;
  const record = vertex.noCache ? undefined : store.records.get(name);
  if (record && layerExists(store, record.layer)) {
    execution.history.remember(vertex, name);
    return made(operation, record.layer, true);
  }
  const previous = execution.history.previous(vertex);
  const started = Date.now();
  const { layer, reused } = await operation.make();
  store.records.put(name, { version: 1, inputs: operation.inputs, layer, duration: Date.now() - started });
  execution.history.remember(vertex, name);
  const why = reused ? undefined : whyMade(execution, operation, previous, layer);
  if (!reused) execution.madeBy.set(layer.content, vertex.name);
  return { ...made(operation, layer, reused && !vertex.noCache), ...(why !== undefined && { why }) };
}

/** Nothing when the step is new. */
function whyMade(
  execution: Execution,
  { vertex, inputs }: LayerOperation,
  previous: CacheRecord | undefined,
  layer: LayerFact,
): string | undefined {
  if (vertex.noCache) return "the cache is not used (--no-cache)";
  if (!previous) return undefined;
  const { store, madeBy } = execution;
  const layerChanges = () => {
    const [then, now] = [store.layerIndex(previous.layer.diffID), store.layerIndex(layer.diffID)];
    return then && now && describeChanges(then.changes, now.changes);
  };
  return (
    explain(previous, inputs, { madeBy: (content) => madeBy.get(content), layerChanges }) ??
    "its layer was no longer in the store"
  );
}

function made(operation: LayerOperation, layer: LayerFact, cached: boolean): Made {
  const snapshot = { layers: [...operation.below.layers, layerOf(layer)] };
  const result: SnapshotResult = { kind: "snapshot", snapshot, created: layer.created };
  return { result, cached, layer: { digest: layer.diffID, size: layer.size } };
}
