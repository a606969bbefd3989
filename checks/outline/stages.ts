// Each stage of a Dockerfile with what it takes from outside, read in one pass.

import type { Dockerfile, FromInstruction, Instruction, Span, Word } from "../../parser/index.js";
import { descriptionOf } from "../targets.js";
import { mountsOf, type OutlineMount } from "./mounts.js";
import { escapeOf, Variables } from "./variables.js";

export interface OutlineArg {
  readonly name: string;
  /** What follows the name in a comment directly above. */
  readonly description?: string;
  /** With the build arguments given; absent when nothing gives it one. */
  readonly value?: string;
  readonly span: Span;
  /** The names that its default looks up. */
  readonly uses: readonly string[];
}

export interface StageNeeds {
  readonly from: FromInstruction;
  /** In lower case. */
  readonly name?: string;
  /** The image or stage that it is built on. */
  readonly base: string;
  /** The names that its FROM looks up. */
  readonly uses: readonly string[];
  readonly args: OutlineArg[];
  readonly mounts: OutlineMount[];
  /** Names or numbers of what it takes files from. */
  readonly sources: string[];
  readonly variables: Variables;
}

export interface FileNeeds {
  /** The ARGs before the first FROM. */
  readonly globals: readonly OutlineArg[];
  readonly stages: readonly StageNeeds[];
}

export function readNeeds(dockerfile: Dockerfile, buildArgs: Readonly<Record<string, string>>): FileNeeds {
  const options = { escape: escapeOf(dockerfile), buildArgs };
  const globals = new Variables(options);
  const globalArgs: OutlineArg[] = [];
  const stages: StageNeeds[] = [];
  for (const instruction of dockerfile.instructions) {
    const stage = stages.at(-1);
    if (instruction.kind === "FROM") stages.push(startStage(instruction, stages, globals, options));
    else if (stage) readInstruction(instruction, stage);
    else globalArgs.push(...readArgs(instruction, globals));
  }
  return { globals: globalArgs, stages };
}

function startStage(
  from: FromInstruction,
  earlier: readonly StageNeeds[],
  globals: Variables,
  options: ConstructorParameters<typeof Variables>[0],
): StageNeeds {
  const { text: base, names } = globals.read(from.image);
  const parent = findStage(earlier, base);
  const variables = new Variables({ ...options, globals, ...(parent && { inherited: parent.variables }) });
  const uses = [...names, ...(from.platform ? globals.read(from.platform).names : [])];
  const name = from.as?.name.toLowerCase();
  return { from, base, uses, args: [], mounts: [], sources: [], variables, ...(name !== undefined && { name }) };
}

function readInstruction(instruction: Instruction, { args, mounts, sources, variables }: StageNeeds): void {
  const read = (word: Word) => variables.read(word).text;
  sources.push(...sourceWords(instruction).map(read));
  mounts.push(...mountsOf(instruction, read));
  args.push(...readArgs(instruction, variables));
}

/** Declares what the instruction sets. @returns its ARGs. */
function readArgs(instruction: Instruction, variables: Variables): OutlineArg[] {
  variables.declare(instruction);
  if (instruction.kind !== "ARG") return [];
  return instruction.args.map(({ name: { text: name, span }, value: word }) => {
    const description = descriptionOf(instruction, name);
    const value = variables.get(name);
    const uses = word ? variables.read(word).names : [];
    return {
      name,
      span,
      uses,
      ...(description !== undefined && { description }),
      ...(value !== undefined && { value }),
    };
  });
}

/** The words that name what files are taken from. */
function sourceWords(instruction: Instruction): Word[] {
  if (instruction.kind === "COPY") return instruction.from ? [instruction.from] : [];
  if (instruction.kind !== "RUN") return [];
  const options = instruction.mounts.flatMap((mount) => mount.options);
  return options.flatMap(({ key, value }) => (key === "from" && value ? value : []));
}

/** Of equal names the last counts. */
export function findStage(stages: readonly StageNeeds[], name: string): StageNeeds | undefined {
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}
