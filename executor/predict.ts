// What executing a graph would do, without doing it: COPY, ADD and WORKDIR are computed as data, RUN is looked up only.
// What stands on the unknown result of a RUN is not known either.

import { TsbuildError } from "../errors.js";
import { type BuildGraph, inputsOf, type Vertex } from "../planner/index.js";
import { finish, type LayerOperation } from "./cached.js";
import type { Execution, Made, Result } from "./context.js";
import { dispatch } from "./dispatch.js";
import { type ExecuteOptions, start } from "./execute.js";
import { type Miss, reasonOf, whyMade } from "./why/index.js";

export interface Prediction {
  readonly vertex: Vertex;
  /** `depends`: on what a step that would run, or a layer that is not here, turns out to be. */
  readonly outcome: "cached" | "runs" | "depends";
  readonly why?: string;
  /** The name of the step that it depends on. */
  readonly on?: string;
  /** Milliseconds that it took the last time. Absent when it never ran here. */
  readonly duration?: number;
}

/**
 * @returns a prediction for each vertex that makes a layer, in the order of the Dockerfile
 * @throws what would fail for certain: a missing source, an unknown user
 */
export async function predict(graph: BuildGraph, options: ExecuteOptions): Promise<readonly Prediction[]> {
  const signal = options.signal ?? new AbortController().signal;
  const shared = options.shared && { ...options.shared, stepDone: () => {} };
  const quiet = { ...options, ...(shared && { shared }), emit: () => {}, openOrigin: openLocally(options.openOrigin) };
  const execution = { ...start(graph, quiet, signal, { willRun: false }), dryRun };
  const predictor = new Predictor(execution);
  for (const vertex of graph.vertices) await predictor.look(vertex);
  return predictor.predictions;
}

class Predictor {
  readonly predictions: Prediction[] = [];
  readonly #execution: Execution;
  readonly #results: Result[] = [];
  /** The name of the first step that is to blame, by vertex. */
  readonly #unknown = new Map<number, string>();

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  async look(vertex: Vertex): Promise<void> {
    const { op, id } = vertex;
    const unknown = inputsOf(op).find((input) => this.#unknown.has(input));
    const isLinked = op.kind === "copy" && op.link && op.parent === unknown;
    if (unknown !== undefined && !isLinked) return this.#depends(vertex, this.#unknown.get(unknown)!);
    if (isLinked) this.#unknown.set(id, this.#unknown.get(unknown!)!);
    try {
      const { result, cached, why, key, saved } = await dispatch(this.#execution, vertex, this.#resultsFor(op));
      this.#results[id] = result;
      if (key !== undefined)
        this.#add(vertex, { outcome: cached ? "cached" : "runs", ...(why !== undefined && { why }) }, saved);
    } catch (error) {
      this.#stopAt(vertex, error);
    }
  }

  /** A linked COPY stands on nothing, whatever is below it. */
  #resultsFor(op: Vertex["op"]): readonly Result[] {
    if (op.kind !== "copy" || !op.link || this.#results[op.parent]) return this.#results;
    const results = [...this.#results];
    results[op.parent] = { kind: "snapshot", snapshot: { layers: [] } };
    return results;
  }

  #stopAt(vertex: Vertex, error: unknown): void {
    if (error instanceof WouldRun) {
      this.#unknown.set(vertex.id, vertex.name);
      return this.#add(vertex, { outcome: "runs", ...(error.why !== undefined && { why: error.why }) });
    }
    if (error instanceof TsbuildError && error.code === "blob_not_found") return this.#depends(vertex, vertex.name);
    throw error;
  }

  #depends(vertex: Vertex, on: string): void {
    this.#unknown.set(vertex.id, on);
    if (vertex.noCache && vertex.op.kind === "run")
      return this.#add(vertex, { outcome: "runs", why: reasonOf(vertex.noCache).why });
    if (vertex.op.kind === "run" || vertex.op.kind === "copy" || vertex.op.kind === "mkdir")
      this.#add(vertex, { outcome: "depends", on });
  }

  #add(vertex: Vertex, prediction: Omit<Prediction, "vertex">, saved?: number): void {
    const duration = saved ?? this.#execution.history.lastDuration(vertex);
    this.predictions.push({ vertex, ...prediction, ...(duration !== undefined && { duration }) });
  }
}

/** Thrown in place of running a command. */
class WouldRun extends Error {
  readonly why: string | undefined;

  constructor(why: string | undefined) {
    super("a step would run");
    this.why = why;
  }
}

async function dryRun(
  execution: Execution,
  operation: LayerOperation,
  { name, miss }: { readonly name: string; readonly miss: Miss },
): Promise<Made> {
  const { vertex } = operation;
  execution.history.remember(vertex, name);
  if (vertex.op.kind === "run") throw new WouldRun((await whyMade(execution, operation, miss))?.why);
  const { layer, reused, origin } = await operation.make();
  const done = { layer, key: name, duration: 0, ...(origin && { origin }) };
  const isCached = reused && !vertex.noCache;
  const reason = isCached ? undefined : await whyMade(execution, operation, miss, layer);
  return { ...finish(execution, operation, done, isCached), ...reason };
}

/** Nothing is fetched to predict. */
function openLocally(open: ExecuteOptions["openOrigin"]): ExecuteOptions["openOrigin"] {
  return async (origin) => {
    if (origin.kind === "store" || origin.kind === "layout") return open(origin);
    throw new TsbuildError("blob_not_found", "a layer is not on this machine");
  };
}
