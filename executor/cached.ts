// The frame of every operation that makes a layer: look up the record, else make the layer and write the record.
// Equal steps of many processes run once: who misses holds the lock of the key while it makes the layer.

import { type CacheRecord, type LayerFact, type Lock, type RecordHead, acquireLock, tryLock } from "../cache/index.js";
import type { ImageOrigin, Vertex } from "../planner/index.js";
import type { Execution, Made, SnapshotResult } from "./context.js";
import { cacheKey, recordName } from "./key.js";
import { layerExists, layerOf, type Snapshot } from "./layers/index.js";
import type { LayerStep, SharedLayer } from "./shared.js";
import { type Change, compareInputs, compareLayers, describeChanges } from "./why/index.js";

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
  const { vertex, inputs } = operation;
  const name = recordName(cacheKey(inputs));
  const found = vertex.noCache ? undefined : (ownRecord(execution, name) ?? (await sharedRecord(execution, name)));
  if (found) return take(execution, operation, name, found);
  if (execution.dryRun) return execution.dryRun(execution, operation, name);
  if (vertex.noCache) return make(execution, operation, name);
  const lock = await waitForEqualStep(execution, vertex, name);
  try {
    const madeMeanwhile = ownRecord(execution, name);
    return madeMeanwhile ? take(execution, operation, name, madeMeanwhile) : await make(execution, operation, name);
  } finally {
    execution.background.soon(() => lock.remove()); // when the record is there
  }
}

function take(execution: Execution, operation: LayerOperation, name: string, found: Omit<Found, "key">): Made {
  // of others' records the store knows nothing
  if (!found.origin && !execution.dryRun) execution.history.remember(operation.vertex, name);
  return { ...finish(execution, operation, { ...found, key: name }, true), saved: found.duration };
}

async function make(execution: Execution, operation: LayerOperation, name: string): Promise<Made> {
  const { store, history } = execution;
  const { vertex, inputs } = operation;
  const previous = history.previous(vertex);
  const started = Date.now();
  const { layer, reused, origin } = await operation.make();
  const duration = Date.now() - started;
  const record = { version: 1, inputs, layer, duration, made: new Date().toISOString() } as const;
  execution.background.soon(() => layerExists(store, layer) && store.records.put(name, record));
  execution.background.later(() => history.remember(vertex, name));
  const why = reused ? undefined : whyMade(execution, operation, previous, layer);
  const done = { layer, duration, key: name, ...(origin && { origin }) };
  return { ...finish(execution, operation, done, reused && !vertex.noCache), ...(why !== undefined && { why }) };
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

/** What the store knows, unless it is too old, or came from a cache that this build does not read. */
function ownRecord({ store, shared, notBefore }: Execution, name: string): RecordHead | undefined {
  const record = store.records.useHead(name);
  if (!record || !layerExists(store, record.layer)) return undefined;
  if (notBefore !== undefined && Date.parse(record.made ?? record.layer.created) < notBefore) return undefined;
  return record.source === undefined || shared.trusts(record.source) ? record : undefined;
}

export const NO_CACHE = "the cache is not used (--no-cache)";

/** What a shared cache knows, unless it is too old. */
async function sharedRecord({ shared, notBefore }: Execution, name: string): Promise<SharedLayer | undefined> {
  const found = await shared.find(name);
  return found && notBefore !== undefined && Date.parse(found.layer.created) < notBefore ? undefined : found;
}

/** Why a step is made that was made before in another form. Nothing when the step is new. */
export function whyMade(
  execution: Execution,
  { vertex, inputs }: LayerOperation,
  previous: CacheRecord | "pruned" | undefined,
  layer: Pick<LayerFact, "diffID"> | undefined,
): string | undefined {
  if (vertex.noCache) return NO_CACHE;
  if (previous === undefined) return undefined;
  if (previous === "pruned") return "what was known of it is no longer in the store";
  const changes = changesSince(execution, previous, inputs, layer);
  return changes.length > 0 ? describeChanges(changes) : whyLost(execution, previous);
}

function changesSince(
  { store, madeBy, layers }: Execution,
  previous: CacheRecord,
  inputs: unknown,
  layer: Pick<LayerFact, "diffID"> | undefined,
): readonly Change[] {
  const layerChanges = () => {
    const [then, now] = [store.layerIndex(previous.layer.diffID), layer && layers.madeIndex(layer.diffID)];
    return then && now && compareLayers(then.changes, now.changes);
  };
  return compareInputs(previous.inputs, inputs, { madeBy: (content) => madeBy.get(content), layerChanges });
}

function whyLost({ store, notBefore }: Execution, previous: CacheRecord): string {
  const isTooOld = notBefore !== undefined && layerExists(store, previous.layer);
  return isTooOld ? "its result is older than --cache-ttl" : "its layer was no longer in the store";
}

type Found = Pick<LayerStep, "key" | "layer" | "duration" | "origin">;

export function finish(execution: Execution, operation: LayerOperation, found: Found, cached: boolean): Made {
  const { vertex, inputs, below } = operation;
  const { key, layer, duration, origin } = found;
  execution.madeBy.set(layer.content, vertex.name);
  execution.shared.stepDone({ vertex, inputs, key, layer, duration, cached, ...(origin && { origin }) });
  const snapshot = { layers: [...below.layers, layerOf(layer, origin)] };
  const result: SnapshotResult = { kind: "snapshot", snapshot, created: layer.created, ...beganOf(layer, duration) };
  return { result, cached, key, layer: { digest: layer.diffID, size: layer.size } };
}

/** Nothing when a shared cache says a time that is none. */
function beganOf({ created }: LayerFact, duration: number): Pick<SnapshotResult, "began"> {
  const time = new Date(Date.parse(created) - duration);
  return Number.isNaN(time.getTime()) ? {} : { began: time.toISOString() };
}
