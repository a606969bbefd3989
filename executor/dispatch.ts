// A vertex of the graph → the operation that it names.

import { openContext, type Vertex } from "../planner/index.js";
import type { Execution, Made, Result, SnapshotResult } from "./context.js";
import { copy } from "./ops/copy.js";
import { imageSnapshot } from "./ops/image.js";
import { makeDirectory } from "./ops/mkdir.js";
import { fetchRepository, fetchUrl } from "./ops/remote.js";
import { run } from "./ops/run.js";
import { contextSource } from "./ops/sources.js";

/** What a vertex gives, and what is told of it. */
type Dispatched = { readonly result: Result; readonly cached: boolean } & Partial<Omit<Made, "result" | "cached">>;

export async function dispatch(execution: Execution, vertex: Vertex, results: readonly Result[]): Promise<Dispatched> {
  const { op } = vertex;
  switch (op.kind) {
    case "scratch":
      return { result: { kind: "snapshot", snapshot: { layers: [] } }, cached: false };
    case "image":
      return { result: { kind: "snapshot", snapshot: imageSnapshot(op) }, cached: false };
    case "context":
      return { result: { kind: "context", open: lazily(() => openIndex(execution, op)) }, cached: false };
    case "http":
      return fetchUrl(execution, op, String(vertex.id));
    case "git":
      return fetchRepository(execution, op);
    case "mkdir":
      return makeDirectory(execution, { ...vertex, op }, results[op.parent] as SnapshotResult);
    case "copy":
      return copy(execution, { ...vertex, op }, results);
    case "run":
      return run(execution, { ...vertex, op }, results);
  }
}

async function openIndex({ store, signal }: Execution, op: Extract<Vertex["op"], { kind: "context" }>) {
  return contextSource(await openContext(op, { statIndex: store.statIndex(op.directory), signal }));
}

/** Makes a value at the first call. */
export function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
