// Whether a step has to be made: what the store and shared caches know under its key, and why that may not be taken.

import type { RecordHead } from "../cache/index.js";
import type { Vertex } from "../planner/index.js";
import type { Because } from "../progress.js";
import type { Execution } from "./context.js";
import { layerExists } from "./layers/index.js";
import type { SharedLayer } from "./shared.js";

export type Refusal = Exclude<Because, "changed">;

export interface LookUp<Found = RecordHead | SharedLayer> {
  readonly found?: Found;
  /** Why what is known is not taken. Absent when nothing is known. */
  readonly refused?: Refusal;
}

export async function lookUp(execution: Execution, vertex: Vertex, name: string): Promise<LookUp> {
  if (vertex.noCache) return { refused: vertex.noCache };
  const own = ownRecord(execution, name);
  return own.found ? own : { ...own, ...(await sharedRecord(execution, name)) };
}

/** What the store knows. */
export function ownRecord({ store, shared, notBefore }: Execution, name: string): LookUp<RecordHead> {
  const record = store.records.useHead(name);
  if (!record) return {};
  if (!layerExists(store, record.layer)) return { refused: "lost" };
  if (isBefore(notBefore, record.made ?? record.layer.created)) return { refused: "too-old" };
  return record.source === undefined || shared.trusts(record.source) ? { found: record } : { refused: "other-cache" };
}

async function sharedRecord({ shared, notBefore }: Execution, name: string): Promise<LookUp<SharedLayer>> {
  const found = await shared.find(name);
  if (!found) return {};
  return isBefore(notBefore, found.layer.created) ? { refused: "too-old" } : { found };
}

function isBefore(limit: number | undefined, time: string): boolean {
  return limit !== undefined && Date.parse(time) < limit;
}
