// `--from` of COPY and of RUN --mount: the vertex that files are taken from.
// https://docs.docker.com/reference/dockerfile/#copy---from

import { DockerfileError, type Span, type Word } from "../parser/index.js";
import { type Source, imageSource } from "./base.js";
import { at, closest } from "./error.js";
import { imageVertex, namedFiles, scratchVertex } from "./inputs.js";
import { type Planning, type StageState, expand } from "./state.js";
import { type Stage, findStage, stageLabel, stageNames } from "./stages.js";

/** The vertex that `from` names: a stage, a named context or an image (S-066). */
export async function sourceVertex(from: Word, state: StageState, planning: Planning): Promise<number> {
  const name = expand(from, state, planning);
  if (name !== "") return openSource(sourceOf(name, from.span, state.stage, planning), from.span, planning);
  throw new DockerfileError(
    "bad_value",
    `expected the name of a stage or an image, found "${from.text}", which is empty`,
    from.span,
    {
      hint: from.text.includes("$")
        ? "Give the variable a value before this line."
        : "Write a name, or remove the flag.",
    },
  );
}

/** @throws unknown_stage, stage_order, circular_dependency */
export function sourceOf(name: string, span: Span, current: Stage, planning: Planning): Source {
  const stage = isStageIndex(name) ? stageAt(Number(name), span, planning.stages) : findStage(planning.stages, name);
  if (!stage) return imageSource(name, planning);
  if (stage.index < current.index) return { kind: "stage", stage };
  throw notEarlier(name, span, stage, current);
}

export function isStageIndex(name: string): boolean {
  return /^[+-]?\d+$/.test(name);
}

function stageAt(index: number, span: Span, stages: readonly Stage[]): Stage {
  const stage = stages[index];
  if (stage) return stage;
  throw new DockerfileError(
    "unknown_stage",
    `invalid stage index ${index}: expected a stage from 0 to ${stages.length - 1}`,
    span,
    {
      hint: 'Name the stage with "AS" and use its name.',
    },
  );
}

function notEarlier(name: string, span: Span, stage: Stage, current: Stage): DockerfileError {
  if (stage === current) {
    return new DockerfileError(
      "circular_dependency",
      `circular dependency detected on stage: ${stageLabel(stage)}`,
      span,
      {
        hint: "Take the files from an earlier stage.",
      },
    );
  }
  const message = `stage "${name}" comes after stage "${stageLabel(current)}", which takes files from it`;
  return new DockerfileError("stage_order", message, span, { hint: `Move stage "${name}" before this one.` });
}

async function openSource(source: Source, span: Span, planning: Planning): Promise<number> {
  switch (source.kind) {
    case "scratch":
      return scratchVertex(planning);
    case "files":
      return namedFiles(source.name, source.context, span, planning);
    case "image":
      return foreignImage(source, span, planning);
    case "stage": {
      const state = await planning.evaluate(source.stage);
      return state.source ?? state.vertex;
    }
  }
}

async function foreignImage(source: Source & { kind: "image" }, span: Span, planning: Planning): Promise<number> {
  try {
    const image = await planning.images.resolve(source.name, planning.platform, span);
    return imageVertex(image, source.context, planning, (name) => ({ name: `FROM ${name}` }));
  } catch (error) {
    throw at(span, error, closest(source.name.toLowerCase(), stageNames(planning.stages))?.hint);
  }
}
