// A Dockerfile and options in, the build graph out: complete data, before anything runs.

import { type ImageConfig, hostPlatform } from "../oci/index.js";
import type { Dockerfile, DockerfileError } from "../parser/index.js";
import { unusedBuildArgs } from "./build-args.js";
import { sorted, withLabels, withPlatform } from "./config.js";
import { planLine } from "./dispatch.js";
import { collect, throwCollected } from "./error.js";
import type { BuildGraph, PlanWarning } from "./graph.js";
import { withEntries } from "./image-draft.js";
import { Images } from "./images.js";
import { NamedContexts } from "./named-contexts.js";
import { isAnonymous } from "./names.js";
import type { PlanOptions } from "./options.js";
import { automaticArgs } from "./platform-args.js";
import { reachableStages } from "./reach.js";
import { startStage, startUncertain } from "./start.js";
import { renumberScans, sbomScans, type SbomScans } from "./sbom-scans.js";
import { historyOf, type Planning, type StageState } from "./state.js";
import { type Stage, globalArgInstructions, splitStages, targetStage } from "./stages.js";
import { globalArgs } from "./variables.js";
import { Vertices } from "./vertices.js";

/**
 * Plans the target stage and what it needs of the others. Resolves the base images of those stages, and nothing else
 * that is not in its arguments.
 * @throws DockerfileError for what is wrong in the stages that the target needs: the first, with all others in `others`;
 * TsbuildError for a target that is no stage
 */
export async function plan(dockerfile: Dockerfile, options: PlanOptions): Promise<BuildGraph> {
  const stages = splitStages(dockerfile);
  const target = targetStage(stages, options.target);
  for (const name of options.noCacheFilter ?? []) targetStage(stages, name);
  const warnings: PlanWarning[] = [];
  const planning = prepare(dockerfile, stages, options, (warning) => {
    warnings.push(warning);
    options.onWarning?.(warning);
  });
  const needed = reachableStages(target, planning);
  for (const stage of needed) await collect(planning.errors, () => planning.evaluate(stage));
  throwCollected(planning.errors);
  const state = await planning.evaluate(target);
  const scans = sbomScans(await Promise.all(needed.map(planning.evaluate)), state, planning);
  unusedBuildArgs(Object.keys(options.buildArgs ?? {}), planning.declaredArgs).forEach(planning.warn);
  return { ...graphOf(state, scans, planning), warnings };
}

function prepare(
  dockerfile: Dockerfile,
  stages: readonly Stage[],
  options: PlanOptions,
  warn: Planning["warn"],
): Planning {
  const { buildArgs = {}, namedContexts, resolveImage } = options;
  const build = options.buildPlatform ?? hostPlatform();
  const platform = options.platform ?? build;
  const escape = dockerfile.directives.find(({ name }) => name === "escape")?.value === "`" ? "`" : "\\";
  const automatic = automaticArgs({
    build,
    target: platform,
    stage: options.target || stages.at(-1)?.name || "default",
  });
  const planning: Planning = {
    options,
    escape,
    stages,
    globals: globalArgs(globalArgInstructions(dockerfile), { automatic, buildArgs, escape }),
    platform,
    vertices: new Vertices(),
    images: new Images(resolveImage),
    contexts: new NamedContexts(namedContexts),
    anonymous: isAnonymous(stages),
    declaredArgs: argNames(dockerfile),
    errors: new Set(),
    evaluate: once((stage) => evaluate(stage, planning)),
    warn,
  };
  return planning;
}

function argNames({ instructions }: Dockerfile): Set<string> {
  return new Set(
    instructions.flatMap((instruction) =>
      instruction.kind === "ARG" ? instruction.args.map(({ name }) => name.text) : [],
    ),
  );
}

function once(evaluateStage: (stage: Stage) => Promise<StageState>): (stage: Stage) => Promise<StageState> {
  const states = new Map<Stage, Promise<StageState>>();
  return (stage) => {
    const state = states.get(stage) ?? evaluateStage(stage);
    states.set(stage, state);
    return state;
  };
}

/**
 * A line that is wrong changes nothing, so that the lines after it are looked at too. Below a base that cannot be found only
 * lines without variables are blamed.
 */
async function evaluate(stage: Stage, planning: Planning): Promise<StageState> {
  const start = (await collect(planning.errors, () => startStage(stage, planning))) ?? startUncertain(stage, planning);
  let { state } = start;
  for (const line of start.lines) {
    const isCertain = !state.uncertain || !line.instruction.text.includes("$");
    const found = isCertain ? planning.errors : new Set<DockerfileError>();
    state = (await collect(found, () => planLine(line, state, planning))) ?? state;
  }
  return state;
}

function graphOf(state: StageState, scans: SbomScans, { options, vertices }: Planning): Omit<BuildGraph, "warnings"> {
  const { list, renumber } = vertices.reachableFrom(state.vertex);
  const history = historyOf(state).map((entry) =>
    entry.vertex === undefined ? entry : { ...entry, vertex: renumber(entry.vertex) },
  );
  return {
    vertices: list,
    target: renumber(state.vertex),
    image: { config: finish(withEntries(state.image, state.entries), options), history },
    ...renumberScans(scans, renumber),
  };
}

function finish(image: ImageConfig, { platform, labels }: PlanOptions): ImageConfig {
  const labelled = labels && Object.keys(labels).length > 0 ? withLabels(image, labels) : image;
  return sorted(platform ? withPlatform(labelled, platform) : labelled);
}
