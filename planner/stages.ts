// A Dockerfile as its stages.
// https://docs.docker.com/build/building/multi-stage/

import { TsbuildError } from "../errors.js";
import type { ArgInstruction, Dockerfile, FromInstruction, Instruction } from "../parser/index.js";
import { orMeant } from "../suggest.js";
import { closest } from "./error.js";

/** Whatever may stand in a stage after its FROM. */
export type StageInstruction = Exclude<Instruction, FromInstruction>;

export interface Stage {
  /** From 0, in file order. */
  readonly index: number;
  /** In lower case (S-020). */
  readonly name?: string;
  readonly from: FromInstruction;
  readonly instructions: readonly StageInstruction[];
}

/** The ARGs before the first FROM. */
export function globalArgInstructions(dockerfile: Dockerfile): readonly ArgInstruction[] {
  const first = dockerfile.instructions.findIndex(({ kind }) => kind === "FROM");
  return dockerfile.instructions.slice(0, Math.max(first, 0)).filter((instruction) => instruction.kind === "ARG");
}

/** At least one: the parser refuses a file without FROM (S-022). */
export function splitStages(dockerfile: Dockerfile): readonly Stage[] {
  const stages: (Stage & { instructions: StageInstruction[] })[] = [];
  for (const instruction of dockerfile.instructions) {
    if (instruction.kind === "FROM") stages.push(startStage(instruction, stages.length));
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function startStage(from: FromInstruction, index: number): Stage & { instructions: StageInstruction[] } {
  return { index, from, instructions: [], ...(from.as && { name: from.as.name.toLowerCase() }) };
}

/** The stage that `--target` or `--from` names, in any case of letters; of equal names the last (S-020, S-021). */
export function findStage(stages: readonly Stage[], name: string): Stage | undefined {
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}

/** The nearest earlier stage that `FROM name` inherits from. The name is compared as it is written (S-020, S-021). */
export function findBaseStage(stages: readonly Stage[], name: string, before: number): Stage | undefined {
  return stages.slice(0, before).findLast((stage) => stage.name === name);
}

/** @throws unknown_stage (S-068) */
export function targetStage(stages: readonly Stage[], target: string | undefined): Stage {
  const stage = target ? findStage(stages, target) : stages.at(-1);
  if (stage) return stage;
  throw new TsbuildError(
    "unknown_stage",
    `target stage "${target}" could not be found${orMeant(target!, stageNames(stages))}`,
    closest(target!, stageNames(stages)) ?? stageList(stages),
  );
}

export function stageNames(stages: readonly Stage[]): readonly string[] {
  return stages.flatMap(({ name }) => name ?? []);
}

function stageList(stages: readonly Stage[]): { readonly hint?: string } {
  const names = stageNames(stages);
  return names.length > 0
    ? { hint: `Choose one of ${names.map((name) => `"${name}"`).join(", ")}.` }
    : { hint: 'Name a stage with "AS".' };
}

/** How progress calls a stage. */
export function stageLabel(stage: Stage): string {
  return stage.name ?? `stage-${stage.index}`;
}
