// The phases of a build, each with what the session has: load, plan, assemble, write. Between plan and assemble: `execution.ts`.

import { basename, join } from "node:path";
import { buildWarnings, KnownImages, parseWhole } from "../checks/index.js";
import type { BuildSession } from "./session.js";
import type { Results } from "../executor/index.js";
import { type BuildInputs, openInputs } from "../inputs/index.js";
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
import { planPlatforms, type PlatformGraph } from "../planner/index.js";
import { inheritedAnnotations } from "./inherited-annotations.js";
import { joinManifestList } from "./manifest-list.js";
import { finishOptions, signalOf } from "./picks.js";
import type { SourceRules } from "../policy/index.js";
import { reportWork } from "../progress.js";
import { fetching, planning, resolver } from "./reading.js";
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
  const name = `[internal] load build definition from ${basename(path)}`;
  const tree = await reportWork(emit, "dockerfile", name, () => {
    const size = { current: content.length, done: true };
    emit({ type: "status", vertex: "dockerfile", id: "transferring dockerfile:", ...size });
    return parseWhole(content, given);
  });
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
    annotations: [...(await inheritedAnnotations(session, graphs)), ...annotationsOf(options, images)],
    allTimes: options.timestamp !== undefined,
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
      if (output.type === "image" && output.store !== false) await joinManifestList(session, written.descriptor);
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
