// Which variables a line of a stage can use, as far as the tree says.

import type { Instruction, Word } from "../ast.js";
import { expandWord } from "../expand.js";
import type { Environment } from "../expander.js";
import type { LintInput, Stage } from "./rule.js";
import { tolerant } from "./tolerant.js";

/** Variables that are known without ARG before the first FROM, with values of one platform or other. */
export const AUTOMATIC: Readonly<Record<string, string>> = Object.fromEntries([
  ["TARGETSTAGE", "default"],
  ...["BUILD", "TARGET"].flatMap((side) => [
    [`${side}PLATFORM`, "linux/amd64"],
    [`${side}OS`, "linux"],
    [`${side}OSVERSION`, ""],
    [`${side}ARCH`, "amd64"],
    [`${side}VARIANT`, ""],
  ]),
]);

export interface Scope {
  /** Every name that is declared, with its value where that is known. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** False when the image at the bottom may set other variables. */
  readonly complete: boolean;
}

/**
 * The instructions of all stages, FROM included, each with the scope before it (S-039, S-054). The scope changes when the next
 * one is asked for.
 */
export function* scopes(input: LintInput): Generator<[Stage, Instruction, Scope]> {
  const ends = new Map<Stage, Map<string, string | undefined>>();
  for (const stage of input.stages) {
    const base = baseOf(stage, input);
    const inherited = stage.parent ? ends.get(stage.parent)! : base?.map((name) => [name, undefined] as const);
    const variables = new Map<string, string | undefined>(inherited);
    ends.set(stage, variables);
    for (const instruction of [stage.from, ...stage.instructions]) {
      yield [stage, instruction, { variables, complete: base !== undefined }];
      declare(instruction, input, variables);
    }
  }
}

/** The ARGs before the first FROM, with their defaults, and the automatic ones. */
export function globalScope(input: LintInput): ReadonlyMap<string, string | undefined> {
  const variables = new Map<string, string | undefined>(Object.entries(AUTOMATIC));
  for (const instruction of input.globals) declare(instruction, input, variables);
  return variables;
}

/** The names that the image at the bottom sets, or undefined when they are not known. Each image has PATH. */
function baseOf(stage: Stage, { baseVariables }: LintInput): string[] | undefined {
  const known = baseVariables(stage.root) ?? (stage.root === "scratch" ? [] : undefined);
  return known && [...known, "PATH"];
}

/** Adds what ENV and ARG set. ENV knows the values before its line, a default of ARG those before it in the line (S-060). */
function declare(instruction: Instruction, input: LintInput, variables: Map<string, string | undefined>): void {
  if (instruction.kind === "ENV") {
    const pairs = instruction.pairs.map(
      ({ key, value }) => [valueOf(key, variables, input) ?? key.text, valueOf(value, variables, input)] as const,
    );
    for (const [name, value] of pairs) variables.set(name, value);
  }
  if (instruction.kind === "ARG") {
    for (const { name, value } of instruction.args) variables.set(name.text, value && valueOf(value, variables, input));
  }
}

/** The text of a word, or undefined when a variable in it is not known. */
export function valueOf(
  word: Word,
  variables: ReadonlyMap<string, string | undefined>,
  { escape }: Pick<LintInput, "escape">,
): string | undefined {
  const environment: Environment = (name) => variables.get(name);
  const expansion = tolerant(() => expandWord(word, environment, { escape }));
  return expansion?.missing.length === 0 ? expansion.text : undefined;
}
