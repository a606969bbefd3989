// The first state of a stage: its base, and the lines that follow.

import { posix } from "node:path";
import type { ImageConfig, Platform } from "../oci/index.js";
import { type Source, baseOf, imageFailure, platformMismatch, platformOf, replacementOf } from "./base.js";
import { configure, inheritConfig, scratchConfig, withoutConfig, withPath } from "./config.js";
import type { CopyOp, ResolvedImage, Vertex } from "./graph.js";
import { entriesOf } from "./image-draft.js";
import { imageVertex, namedFiles, scratchVertex } from "./inputs.js";
import { stepName } from "./names.js";
import { triggerLines } from "./onbuild.js";
import { PersistentMap } from "./persistent-map.js";
import { EMPTY_SCOPE, splitVariable } from "./scope.js";
import type { Line, Planning, StageState } from "./state.js";
import { type Stage, stageLabel } from "./stages.js";

export interface StageStart {
  readonly state: StageState;
  /** The triggers of the base image, then the stage's own instructions (S-072). */
  readonly lines: readonly Line[];
}

/** A stage that a named context replaces has no lines of its own, and no triggers (S-069). */
export async function startStage(stage: Stage, planning: Planning): Promise<StageStart> {
  const replacement = replacementOf(stage, planning);
  const start = await startFrom(replacement ?? baseOf(stage, planning), stage, planning);
  return replacement ? { ...start, lines: [] } : start;
}

/** A platform is checked even where nothing is looked for by it. */
async function startFrom(source: Source, stage: Stage, planning: Planning): Promise<StageStart> {
  platformOf(stage, planning);
  switch (source.kind) {
    case "scratch":
      return startFromScratch(stage, planning);
    case "stage":
      return startFromStage(source.stage, stage, planning);
    case "files":
      return startFromFiles(source, stage, planning);
    case "image":
      return startFromImage(source, stage, planning);
  }
}

function startFromScratch(stage: Stage, planning: Planning): StageStart {
  const { platform } = planning;
  return begin(
    { stage, vertex: scratchVertex(planning), platform, image: scratchConfig(platform) },
    ownLines(stage),
    0,
  );
}

/** Stands for a stage whose base cannot be found: its lines can still be looked at. */
export function startUncertain(stage: Stage, planning: Planning): StageStart {
  const start = startFromScratch(stage, planning);
  return { ...start, state: { ...start.state, uncertain: true } };
}

/** The variables and the ARGs of the base stage stay in force (S-054). */
async function startFromStage(baseStage: Stage, stage: Stage, planning: Planning): Promise<StageStart> {
  const { source: _directory, ...base } = await planning.evaluate(baseStage);
  const triggers = baseStage.instructions.flatMap((instruction) =>
    instruction.kind === "ONBUILD" ? instruction.trigger : [],
  );
  const lines = [...triggerLines(triggers, stage), ...ownLines(stage)];
  const state = { ...base, stage, image: inheritConfig(base.image), cmdSet: false, step: 0, steps: countSteps(lines) };
  return { state, lines };
}

/** Files as a root filesystem are the empty one with all of them copied into it. */
function startFromFiles({ name, context }: Source & { kind: "files" }, stage: Stage, planning: Planning): StageStart {
  const source = namedFiles(name, context, stage.from.image.span, planning);
  const parent = scratchVertex(planning);
  const title = `[context ${name}] FROM`;
  const place = placeOf(stage);
  const vertex = planning.vertices.share(`root ${name}`, () => ({
    ...place,
    name: title,
    op: copyAll(parent, source, place.span),
  }));
  const platform = platformOf(stage, planning);
  const start = begin({ stage, vertex, platform, image: scratchConfig(platform) }, ownLines(stage), 1);
  const history = { entry: { created_by: title, comment: "buildkit.exporter.image.v0", vertex } };
  return { ...start, state: { ...start.state, source, history } };
}

function copyAll(parent: number, input: number, span: Stage["from"]["span"]): CopyOp {
  const sources = [{ kind: "files", input, path: "/", span }] as const;
  return { kind: "copy", parent, sources, destination: "/", link: false, exclude: [], parents: false, unpack: "never" };
}

async function startFromImage(
  source: Source & { kind: "image" },
  stage: Stage,
  planning: Planning,
): Promise<StageStart> {
  const platform = platformOf(stage, planning);
  const resolved = await resolveBase(source.name, platform, stage, planning);
  const lines = [...triggerLines(resolved.config.config.OnBuild ?? [], stage), ...ownLines(stage)];
  const named = planning.options.namePlatforms ? { platform } : {};
  const place = { stage, step: 1, steps: 1 + countSteps(lines), anonymous: planning.anonymous, ...named };
  const vertex = imageVertex(resolved, source.context, planning, (name) => ({
    ...placeOf(stage),
    step: { number: place.step, count: place.steps },
    name: stepName(place, `FROM ${name}`),
  }));
  const inherited = inheritConfig(resolved.config);
  const image = planning.options.inheritLabels === false ? withoutConfig(inherited, "Labels") : inherited;
  return begin({ stage, vertex, platform, image }, lines, 1);
}

async function resolveBase(name: string, platform: Platform, stage: Stage, planning: Planning): Promise<ResolvedImage> {
  const { span, text } = stage.from.image;
  try {
    const resolved = await planning.images.resolve(name, platform, span);
    const message = platformMismatch(text, resolved.config, platform);
    if (message) planning.warn({ rule: "InvalidBaseImagePlatform", message, span });
    return resolved;
  } catch (error) {
    throw imageFailure(error, name, stage, planning);
  }
}

interface Base {
  readonly stage: Stage;
  readonly vertex: number;
  readonly platform: Platform;
  readonly image: ImageConfig;
}

/** `step` is how many steps are numbered already: 1 for the FROM of an image. */
function begin(base: Base, lines: readonly Line[], step: number): StageStart {
  const image = withAbsoluteWorkdir(withPath(base.image));
  const scope = { ...EMPTY_SCOPE, variables: PersistentMap.of((image.config.Env ?? []).map(splitVariable)) };
  const steps = step + countSteps(lines);
  return { state: { ...base, image, entries: entriesOf(image), scope, cmdSet: false, step, steps }, lines };
}

function withAbsoluteWorkdir(image: ImageConfig): ImageConfig {
  const { WorkingDir } = image.config;
  return WorkingDir ? configure(image, { WorkingDir: posix.resolve("/", WorkingDir) }) : image;
}

function ownLines(stage: Stage): readonly Line[] {
  return stage.instructions.map((instruction) => ({
    instruction,
    span: instruction.span,
    lines: [instruction.startLine, instruction.endLine],
    onbuild: false,
  }));
}

function countSteps(lines: readonly Line[]): number {
  return lines.filter(({ instruction }) => ["RUN", "COPY", "ADD", "WORKDIR"].includes(instruction.kind)).length;
}

function placeOf(stage: Stage): Pick<Vertex, "stage" | "lines"> & { readonly span: Stage["from"]["span"] } {
  return { stage: stageLabel(stage), span: stage.from.span, lines: [stage.from.startLine, stage.from.endLine] };
}
