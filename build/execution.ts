// The phase of a build that executes its plan, and what that asks for.

import { basename, isAbsolute } from "node:path";
import {
  chooseRuntime,
  execute,
  type ExecuteOptions,
  type FailedStep,
  type Results,
  type SandboxRuntime,
  type SharedCache,
} from "../executor/index.js";
import type { LayerIndex } from "../filesystem/index.js";
import { fetcher } from "../inputs/index.js";
import type { Loaded } from "./phases.js";
import { signalOf } from "./picks.js";
import { chainOf, type PlatformGraph } from "../planner/index.js";
import { fetching } from "./reading.js";
import { saveFailedStep } from "./replay.js";
import type { ResolvedOptions } from "./resolved-options.js";
import { refuseSecrets } from "../secrets/index.js";
import type { BuildSession } from "./session.js";

/** @returns the result of each vertex, whatever platforms need it */
export function executeGraphs(
  session: BuildSession,
  graphs: readonly PlatformGraph[],
  loaded: Loaded,
): Promise<Results> {
  const options = executeOptions(session, graphs, loaded);
  const shared = pushingEarly(session, graphs, options.shared);
  session.recorder.begin(options.scope);
  return execute(graphs[0]!, { ...options, shared });
}

/** Layers of the image that a step has just made are pushed beside the steps that follow. */
function pushingEarly(
  { earlyPush, repair }: BuildSession,
  graphs: readonly PlatformGraph[],
  shared: SharedCache,
): SharedCache {
  const chain = new Set(graphs.flatMap(chainOf));
  return {
    ...shared,
    isBroken: () => shared.isBroken() || repair.isDue,
    stepDone: (step) => {
      shared.stepDone(step);
      if (!step.cached && chain.has(step.vertex.id)) earlyPush.stepDone(step);
    },
  };
}

/** What executing the graphs asks for, and predicting what that would do. */
export function executeOptions(
  session: BuildSession,
  graphs: readonly PlatformGraph[],
  { context, dockerfile }: Loaded,
): ExecuteOptions & Required<Pick<ExecuteOptions, "scope" | "shared">> {
  const graph = graphs[0]!;
  const { options, store, emit, secrets, places, caches, pushAccess } = session;
  const { jobs, now, run, signal } = options;
  return {
    jobs,
    now,
    signal: AbortSignal.any([pushAccess.signal, ...(signal ? [signal] : [])]),
    store,
    emit,
    secrets,
    settings: run,
    ...(options.cacheTtl !== undefined && { notBefore: Date.now() - options.cacheTtl }),
    scope: [context.directory, dockerfile.path, options.platform ?? ""].join(" "),
    openOrigin: places.openOrigin,
    sharedMounts: session.mounts,
    shared: caches.of(graphs, cacheName(options, dockerfile.path)),
    fetch: fetcher(fetching(session)),
    runtime: async () => {
      pushAccess.ask(); // a step that runs may take long
      return runtimeOf(options);
    },
    onStepFailure: (failed: FailedStep) => reportFailure(session, graph, failed),
    ...(!options.allowSecretInLayer && {
      inspectLayer: (tar: string, index: LayerIndex) => inspectLayer(session, tar, index),
    }),
  };
}

/** What runs commands. @throws sandbox_unavailable, usage */
export async function runtimeOf({ ociRuntime }: Pick<ResolvedOptions, "ociRuntime">): Promise<SandboxRuntime> {
  return chooseRuntime(ociRuntime === undefined ? {} : { requested: ociRuntime });
}

/** A Dockerfile has the same name on all machines. */
function cacheName({ target = "" }: ResolvedOptions, dockerfile: string) {
  return { target, dockerfile: isAbsolute(dockerfile) ? basename(dockerfile) : dockerfile };
}

async function inspectLayer({ secrets }: BuildSession, tar: string, index: LayerIndex): Promise<void> {
  await refuseSecrets({ config: {}, layers: [{ tar, index: () => index }] }, secrets.all());
}

async function reportFailure(session: BuildSession, graph: PlatformGraph, failed: FailedStep): Promise<void> {
  const { options, store, places, secrets } = session;
  const saving = { graph, store, places, secrets: secrets.all(), ...signalOf(options) };
  session.mask(failed.error);
  await options.onStepFailure?.({ ...failed, save: (file) => saveFailedStep(failed, file, saving) });
}
