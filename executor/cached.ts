// The frame of every operation that makes a layer: look up the record, else make the layer and write the record.

import type { CacheRecord, LayerFact } from "../cache/index.js";
import type { ImageOrigin, Vertex } from "../planner/index.js";
import type { Execution, Made, SnapshotResult } from "./context.js";
import { cacheKey, recordName } from "./key.js";
import { layerExists, layerOf, type Snapshot } from "./layers/index.js";
import type { LayerStep } from "./shared.js";
import { describeChanges, explain } from "./why/index.js";

export interface LayerOperation {
  /** Canonical JSON of this is the key, and the record keeps it so that a miss can be explained. */
  readonly inputs: unknown;
  /** What the new layer stands on. */
  readonly below: Snapshot;
  readonly vertex: Vertex;
  /** Makes the layer, or finds that an equal one is there. */
  readonly make: () => Promise<MadeLayer>;
}

export interface MadeLayer {
  readonly layer: LayerFact;
  /** True when nothing had to be written. */
  readonly reused: boolean;
  /** Where the blob is when the store has none: in a shared cache. */
  readonly origin?: ImageOrigin;
}

export async function cachedLayer(execution: Execution, operation: LayerOperation): Promise<Made> {
  const { store } = execution;
  const { vertex, inputs } = operation;
  const name = recordName(cacheKey(inputs));
  const found = vertex.noCache ? undefined : (ownRecord(execution, name) ?? (await execution.shared.find(name)));
  if (found) {
    execution.history.remember(vertex, name);
    return finish(execution, operation, { ...found, key: name }, true);
  }
  const previous = execution.history.previous(vertex);
  const started = Date.now();
  const { layer, reused, origin } = await operation.make();
  const duration = Date.now() - started;
  if (layerExists(store, layer)) store.records.put(name, { version: 1, inputs, layer, duration });
  execution.history.remember(vertex, name);
  const why = reused ? undefined : whyMade(execution, operation, previous, layer);
  if (!reused) execution.madeBy.set(layer.content, vertex.name);
  const done = { layer, duration, key: name, ...(origin && { origin }) };
  return { ...finish(execution, operation, done, reused && !vertex.noCache), ...(why !== undefined && { why }) };
}

/** What the store knows, unless that came from a cache that this build does not read. */
function ownRecord({ store, shared }: Execution, name: string): CacheRecord | undefined {
  const record = store.records.get(name);
  if (!record || !layerExists(store, record.layer)) return undefined;
  return record.source === undefined || shared.trusts(record.source) ? record : undefined;
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

type Found = Pick<LayerStep, "key" | "layer" | "duration" | "origin">;

function finish(execution: Execution, operation: LayerOperation, found: Found, cached: boolean): Made {
  const { vertex, inputs, below } = operation;
  const { key, layer, duration, origin } = found;
  execution.shared.stepDone({ vertex, inputs, key, layer, duration, ...(origin && { origin }) });
  const snapshot = { layers: [...below.layers, layerOf(layer, origin)] };
  const result: SnapshotResult = { kind: "snapshot", snapshot, created: layer.created };
  return { result, cached, layer: { digest: layer.diffID, size: layer.size } };
}
