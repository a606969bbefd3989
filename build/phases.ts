// The phases of a build, each with what the session has: load, plan, execute, write.

import { basename, isAbsolute, join } from "node:path";
import { buildWarnings, KnownImages, parseWhole } from "../checks/index.js";
import type { BuildSession } from "./session.js";
import { chooseRuntime, execute, type FailedStep, type Results, type SharedCache } from "../executor/index.js";
import type { LayerIndex } from "../filesystem/index.js";
import { type BuildInputs, fetcher, openInputs } from "../inputs/index.js";
import { formatPlatform } from "../oci/index.js";
import {
  type Annotation,
  assemble,
  type AssembledImage,
  describeConfig,
  finishedImage,
  isPushed,
  newLayers,
  type OutputSpec,
  type PlatformImage,
  writeOutput,
  writesImage,
  type WrittenOutput,
} from "../outputs/index.js";
import type { Dockerfile } from "../parser/index.js";
import { chainOf, planPlatforms, type PlatformGraph } from "../planner/index.js";
import { finishOptions, signalOf } from "./picks.js";
import type { SourceRules } from "../policy/index.js";
import { reportWork } from "../progress.js";
import { fetching, planning, resolver } from "./reading.js";
import { saveFailedStep } from "./replay.js";
import type { ResolvedOptions } from "./resolved-options.js";
import { privateKey } from "../signing/index.js";
import { earlyRules, filesOfRules, sourceRules } from "./source-rules.js";
import { refuseSecrets } from "../secrets/index.js";
import { readsOf } from "../watch/index.js";

export interface Loaded extends BuildInputs {
  readonly tree: Dockerfile;
  /** What policies and the lock file make of sources that are elsewhere. */
  readonly rules: SourceRules;
}

export async function load(session: BuildSession): Promise<Loaded> {
  const { options, emit } = session;
  const early = earlyRules(options);
  if (options.signBy !== undefined) privateKey(options.signBy); // what is wrong with it is told before anything runs
  const inputs = await openInputs(options, { ...fetching(session), emit, resolveSource: early.source });
  const { content, path } = inputs.dockerfile;
  options.onReads(readsOf([], [...filesOf(inputs), ...filesOfRules(options, inputs)]));
  const given = { ...planning(options, inputs), path };
  const name = `[internal] load build definition from ${path}`;
  const tree = await reportWork(emit, "dockerfile", name, () => parseWhole(content, given));
  return { ...inputs, tree, rules: sourceRules(options, inputs) };
}

/** Those of this machine that say what is built, whether they are there or not. */
function filesOf({ dockerfile, context }: BuildInputs): string[] {
  const ignores = [".dockerignore", ".containerignore"].map((name) => join(context.directory, name));
  const own = dockerfile.file === undefined ? [] : [dockerfile.file, `${dockerfile.file}.dockerignore`];
  return [...own, ...ignores];
}

/** @returns a graph for each platform, of the same vertices */
export async function planBuild(session: BuildSession, loaded: Loaded): Promise<readonly PlatformGraph[]> {
  const { options, emit } = session;
  const { tree, context, rules } = loaded;
  const images = new KnownImages(rules.resolving(resolver(session)));
  const resolving = { resolveImage: images.resolve, resolveSource: rules.resolveSource };
  const graphs = await planPlatforms(tree, options.platforms, { ...planning(options, loaded), ...resolving });
  options.onReads(readsOf(graphs, [...filesOf(loaded), ...filesOfRules(options, loaded)]));
  for (const warning of buildWarnings(tree, graphs[0]!, { buildArgs: options.buildArgs, context, images })) {
    emit({ type: "warning", ...warning });
  }
  return graphs;
}

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
) {
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
export async function runtimeOf({ ociRuntime }: Pick<ResolvedOptions, "ociRuntime">) {
  return chooseRuntime(ociRuntime === undefined ? {} : { requested: ociRuntime });
}

export async function assembleImages(
  session: BuildSession,
  graphs: readonly PlatformGraph[],
  results: Results,
): Promise<PlatformImage[]> {
  const images: PlatformImage[] = [];
  for (const graph of graphs)
    images.push({ platform: graph.platform, image: await assembleImage(session, graph, results) });
  return images;
}

async function assembleImage(
  { options, caches, store, places }: BuildSession,
  graph: PlatformGraph,
  results: Results,
): Promise<AssembledImage> {
  const image = assemble(graph, results, options.epoch);
  const config = caches.withInline(image.config);
  const cached = config === image.config ? image : { ...image, ...describeConfig(config) };
  return finishedImage(cached, {
    ...finishOptions(options),
    ...signalOf(options),
    store,
    openOrigin: places.openOrigin,
  });
}

/** Copies the image to each output. @returns it as the last one has it that is pushed; else the last one of images, and not of files */
export async function writeOutputs(
  session: BuildSession,
  graphs: readonly PlatformGraph[],
  images: readonly PlatformImage[],
): Promise<WrittenOutput> {
  const { options, store, secrets, places, caches, repair, emit } = session;
  if (options.outputs.some(isStream)) {
    await caches.fetch(images.flatMap(({ image }) => image.layers));
    repair.seal();
  }
  if (!options.allowSecretInLayer) {
    for (const [position, { image }] of images.entries())
      await refuseSecrets({ config: image.config, layers: newLayers(image, graphs[position]!, store) }, secrets.all());
  }
  const writing = {
    store,
    tags: options.references,
    annotations: annotationsOf(options, images),
    openOrigin: places.openOrigin,
    openRepository: places.openRepository,
    ...(options.epoch !== undefined && { epoch: options.epoch }),
    ...(options.signBy !== undefined && { signWith: privateKey(options.signBy) }),
    ...signalOf(options),
  };
  return reportWork(emit, "export", "exporting to image", async (report) => {
    let last: { readonly output: OutputSpec; readonly written: WrittenOutput } | undefined;
    const names = new Set<string>();
    for (const output of options.outputs) {
      const spec = writesImage(output) ? { rewriteTimestamp: options.rewriteTimestamp, ...output } : output;
      const written = await writeOutput(images, spec, { ...writing, report });
      for (const name of written.names) names.add(name);
      if (!last || reachOf(output) >= reachOf(last.output)) last = { output, written };
    }
    return { ...last!.written, names: [...names] };
  });
}

/** Of several outputs, others ask for the digest of the one that goes furthest. */
function reachOf(output: OutputSpec): number {
  return isPushed(output) ? 2 : writesImage(output) ? 1 : 0;
}

/** What was written to a stream cannot be written again. */
function isStream(output: OutputSpec): boolean {
  return "dest" in output && output.dest !== undefined && typeof output.dest !== "string";
}

function annotationsOf(
  { annotations, createdAnnotation }: ResolvedOptions,
  images: readonly PlatformImage[],
): Annotation[] {
  if (!createdAnnotation) return [...annotations];
  const created = images.map(({ platform, image }) => ({
    platform: formatPlatform(platform),
    value: image.config.created!,
  }));
  return [...created.map((one) => ({ key: "org.opencontainers.image.created", ...one })), ...annotations];
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
