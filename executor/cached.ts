// The frame of every operation that makes a layer: look up the record, else make the layer and write the record.
// Equal steps of many processes run once: who misses holds the lock of the key while it makes the layer.

import { acquireLock, type LayerFact, type Lock, tryLock } from "../cache/index.js";
import type { ImageOrigin, Vertex } from "../planner/index.js";
import type { Execution, Made, SnapshotResult } from "./context.js";
import { cacheKey, recordName } from "./key.js";
import { layerExists, layerOf, type Snapshot } from "./layers/index.js";
import { lookUp, ownRecord } from "./look-up.js";
import type { LayerStep } from "./shared.js";
import { type Listing, type Miss, missOf, type MountedRoots, whyMade } from "./why/index.js";

export interface LayerOperation {
  /** Canonical JSON of this is the key, and the record keeps it so that a miss can be explained. */
  readonly inputs: unknown;
  /** What the new layer stands on. */
  readonly below: Snapshot;
  readonly vertex: Vertex;
  /** Files that the inputs have as a digest only: they are kept, so that a change of them can be told. @default [] */
  readonly listings?: readonly Listing[];
  /** What bind mounts show of stages and images, for the same. @default {} */
  readonly mounted?: MountedRoots;
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
  const { vertex, inputs } = operation;
  const name = recordName(cacheKey(inputs));
  const { found, refused } = await lookUp(execution, vertex, name);
  if (found) return take(execution, operation, name, found);
  const miss = missOf(execution, operation, { name, refused });
  if (execution.dryRun) return execution.dryRun(execution, operation, { name, miss });
  if (vertex.noCache) return make(execution, operation, name, miss);
  const lock = await waitForEqualStep(execution, vertex, name);
  try {
    const { found: meanwhile } = ownRecord(execution, name);
    return meanwhile ? take(execution, operation, name, meanwhile) : await make(execution, operation, name, miss);
  } finally {
    execution.background.soon(() => lock.remove()); // when the record is there
  }
}

function take(execution: Execution, operation: LayerOperation, name: string, found: Omit<Found, "key">): Made {
  execution.history.remember(operation.vertex, name, found.origin !== undefined);
  return { ...finish(execution, operation, { ...found, key: name }, true), saved: found.duration };
}

async function make(execution: Execution, operation: LayerOperation, name: string, miss: Miss): Promise<Made> {
  const { history, background } = execution;
  const { vertex } = operation;
  const started = Date.now();
  const made = await operation.make();
  const duration = Date.now() - started;
  background.soon(() => putRecord(execution, operation, name, { ...made, duration }));
  history.remember(vertex, name);
  background.later(() => history.saveSometimes());
  const { layer, reused, origin } = made;
  const cached = reused && !vertex.noCache;
  const reason = cached ? undefined : await whyMade(execution, operation, miss, layer);
  const done = { layer, duration, key: name, ...(origin && { origin }) };
  return { ...finish(execution, operation, done, cached), ...reason };
}

/** With what tells later builds what changed. */
function putRecord(
  { store }: Execution,
  { inputs, listings = [], mounted = {} }: LayerOperation,
  name: string,
  { layer, duration }: Pick<MadeLayer, "layer"> & { readonly duration: number },
): void {
  if (!layerExists(store, layer)) return;
  const made = new Date().toISOString();
  const facts = { layer, duration, made, ...(Object.keys(mounted).length > 0 && { mounted }) };
  store.records.put(name, { version: 1, inputs, ...facts });
  for (const { content, entries } of listings)
    store.putLayerIndex({ diffID: content, content, size: 0, changes: entries });
}

/** The lock dies with its holder. No lock of a step is waited for while one of a cache mount is held. */
async function waitForEqualStep({ store, signal, emit }: Execution, vertex: Vertex, name: string): Promise<Lock> {
  const path = store.paths.stepLock(name);
  const lock = tryLock(path);
  if (lock) return lock;
  const status = {
    type: "status",
    vertex: String(vertex.id),
    id: "waiting for a build that runs the same step",
  } as const;
  emit({ ...status, done: false });
  const waited = await acquireLock(path, { signal });
  emit({ ...status, done: true });
  return waited;
}

type Found = Pick<LayerStep, "key" | "layer" | "duration" | "origin">;

export function finish(execution: Execution, operation: LayerOperation, found: Found, cached: boolean): Made {
  const { vertex, inputs, below } = operation;
  const { key, layer, duration, origin } = found;
  if (!execution.madeBy.has(layer.content)) execution.madeBy.set(layer.content, vertex.name);
  execution.shared.stepDone({ vertex, inputs, key, layer, duration, cached, ...(origin && { origin }) });
  const snapshot = { layers: [...below.layers, layerOf(layer, origin)] };
  const result: SnapshotResult = { kind: "snapshot", snapshot, created: layer.created, ...beganOf(layer, duration) };
  return { result, cached, key, layer: { digest: layer.diffID, size: layer.size } };
}

/** Nothing when a shared cache says a time that is none. */
function beganOf({ began, created }: LayerFact, duration: number): Pick<SnapshotResult, "began"> {
  const time = new Date(began === undefined ? Date.parse(created) - duration : Date.parse(began));
  return Number.isNaN(time.getTime()) ? {} : { began: time.toISOString() };
}
