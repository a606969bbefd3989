// Build graph → layers. Each vertex is looked up by the content that it reads, and made only when nothing equal is there.

import { setMaxListeners } from "node:events";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { BlobStore } from "../oci/index.js";
import { DockerfileError } from "../parser/index.js";
import { type BuildGraph, type ImageOrigin, inputsOf, type Vertex } from "../planner/index.js";
import { type BuildFact, reporterOf } from "../progress.js";
import { Background } from "./background.js";
import { removeDeadOfRuntimes } from "./cgroup/index.js";
import { type Execution, type Fetch, type InspectLayer, NO_SECRETS, type Result, type Secrets } from "./context.js";
import { dispatch, lazily } from "./dispatch.js";
import { LayerAccess, type LayerAccessOptions } from "./layers/index.js";
import type { FailedStep } from "./run/failed-step.js";
import type { RunSettings } from "./run/settings.js";
import type { SandboxRuntime } from "./sandbox/index.js";
import { Scaffolds } from "./run/scaffold.js";
import { runAll } from "./schedule.js";
import { NO_SHARED_CACHE, type SharedCache, type SharedMounts } from "./shared.js";
import { StepError } from "./step-error.js";
import { nameOfImage, StepHistory } from "./why/index.js";

export interface ExecuteOptions {
  readonly store: Store;
  /** Opens the place where blobs of base images are. */
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  /** Asked for once, at the first RUN that is not cached. What it keeps ready is let go of at the end. */
  readonly runtime: () => Promise<SandboxRuntime>;
  readonly emit: (fact: BuildFact) => void;
  /** Steps at work at the same time. */
  readonly jobs: number;
  readonly signal?: AbortSignal;
  /** @default none */
  readonly secrets?: Secrets;
  /** What holds for all RUN steps. @default {} */
  readonly settings?: RunSettings;
  /** Looks into the layer of a step that was given secrets, before it is kept. @default nothing is looked for */
  readonly inspectLayer?: InspectLayer;
  /** Called with a RUN that failed while its root is still there. */
  readonly onStepFailure?: (failed: FailedStep) => Promise<void>;
  /** For ADD of what is elsewhere: the executor itself opens no socket. */
  readonly fetch: Fetch;
  /** Caches beyond the store. @default none */
  readonly shared?: SharedCache;
  /** @default cache mounts stay on this machine */
  readonly sharedMounts?: SharedMounts;
  /** Names the Dockerfile and what it is built for, so that a step is compared with itself. @default "" */
  readonly scope?: string;
  /** Milliseconds since the epoch: records made earlier are not used. @default their age does not matter */
  readonly notBefore?: number;
  /** Milliseconds since the epoch that made things carry: now, or SOURCE_DATE_EPOCH. */
  readonly now: () => number;
}

/** The result of each vertex, by its id. */
export type Results = readonly Result[];

/** @throws StepError with what failed and where */
export async function execute(graph: BuildGraph, options: ExecuteOptions): Promise<Results> {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  setMaxListeners(0, signal);
  let runtime: SandboxRuntime | undefined;
  const chosen = async () => (runtime = await options.runtime());
  const execution = start(graph, { ...options, runtime: chosen }, signal);
  for (const vertex of graph.vertices) if (!isSilent(vertex)) declare(vertex, options.emit);
  const results = await runAll<Vertex, Result>({
    vertices: graph.vertices,
    inputsOf: ({ op }) => inputsOf(op),
    isLight: ({ op }) => op.kind === "image" || op.kind === "scratch" || op.kind === "context",
    run: (vertex, results) => runVertex(execution, vertex, results),
    jobs: options.jobs,
    onFailure: () => failed.abort(),
  }).finally(async () => {
    const resting = runtime?.rest?.();
    execution.background.work();
    execution.history.save();
    await resting;
  });
  execution.background.finish();
  return results;
}

/** Layers of an image are fetched when something reads them: that is told of the image's vertex. */
function reportTransfers(
  vertices: readonly Vertex[],
  emit: (fact: BuildFact) => void,
): LayerAccessOptions["onTransfer"] {
  const images = vertices.flatMap((vertex) =>
    vertex.op.kind === "image" ? [{ vertex, layers: vertex.op.image.layers }] : [],
  );
  const reporters = new Map(
    images.flatMap(({ vertex, layers }) =>
      layers.map(({ digest }) => [digest, reporterOf(emit, vertexKey(vertex))] as const),
    ),
  );
  return (blob, current, total) => reporters.get(blob)?.transfer(blob, current, total);
}

/** What the operations of one build share. @param willRun whether commands may run, so that layers are unpacked sooner or later */
export function start(
  { vertices }: BuildGraph,
  options: ExecuteOptions,
  signal: AbortSignal,
  { willRun = vertices.some(({ op }) => op.kind === "run") } = {},
): Execution {
  const { store, openOrigin, secrets = NO_SECRETS, settings = {}, scope = "", shared = NO_SHARED_CACHE } = options;
  const layers = new LayerAccess(store, {
    openOrigin,
    signal,
    willRun,
    onTransfer: reportTransfers(vertices, options.emit),
    onMismatch: ({ blob, origin }) => {
      if (origin?.kind === "cache") shared.distrust(blob.digest);
    },
  });
  const runtime = lazily(() => {
    removeDeadOfRuntimes();
    return options.runtime();
  });
  return {
    ...options,
    runtime,
    layers,
    secrets,
    settings,
    shared,
    signal,
    background: new Background(),
    scaffolds: new Scaffolds(() => store.scratch()),
    history: new StepHistory(store, scope, vertices),
    madeBy: new Map(),
    emptied: new Set(),
  };
}

export function vertexKey(vertex: Vertex): string {
  return String(vertex.id);
}

/** The empty root is no work: nothing is reported of it. */
function isSilent({ op }: Vertex): boolean {
  return op.kind === "scratch";
}

function declare(vertex: Vertex, emit: (fact: BuildFact) => void): void {
  const { name, stage, span, lines } = vertex;
  const inputs = inputsOf(vertex.op).map(String);
  emit({
    type: "vertex",
    vertex: vertexKey(vertex),
    name,
    inputs,
    ...(stage && { stage }),
    ...(span && { span }),
    ...(lines && { lines }),
    ...(vertex.op.kind === "image" && { image: nameOfImage(vertex.op) }),
  });
}

async function runVertex(execution: Execution, vertex: Vertex, results: Results): Promise<Result> {
  const id = vertexKey(vertex);
  execution.signal.throwIfAborted();
  if (!isSilent(vertex)) execution.emit({ type: "started", vertex: id });
  try {
    const { result, ...facts } = await dispatch(execution, vertex, results);
    if (!isSilent(vertex)) execution.emit({ type: "done", vertex: id, ...facts });
    return result;
  } catch (error) {
    throw fail(execution, vertex, error);
  }
}

/** Says what the failure was and where it happened; an abort that somebody else's failure caused is only `canceled`. */
function fail(execution: Execution, vertex: Vertex, error: unknown): unknown {
  const id = vertexKey(vertex);
  if (execution.signal.aborted || execution.shared.isBroken()) {
    execution.emit({ type: "canceled", vertex: id });
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const exitCode = error instanceof StepError ? error.step.exitCode : undefined;
  execution.emit({ type: "failed", vertex: id, message, ...(exitCode !== undefined && { exitCode }) });
  if (!(error instanceof TsbuildError) || error instanceof DockerfileError || error instanceof StepError) return error;
  const { name, span, lines } = vertex;
  const step = { vertex: name, ...(span && { span }), ...(lines && { lines }) };
  return new StepError(error.code, error.message, step, {
    cause: error.cause,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}
