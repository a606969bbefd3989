// A Dockerfile's text as a syntax tree.
// https://docs.docker.com/reference/dockerfile/

import type { Dockerfile, Instruction } from "./ast.js";
import { readDirectives } from "./directives.js";
import { DockerfileError, MOST_ERRORS, separate, throwErrors } from "./error.js";
import { parseInstruction } from "./instruction.js";
import { LineReader, type Escape } from "./lines.js";
import { damageIn, readSource, type RawSource } from "./source-file.js";
import type { SourceFile } from "./source.js";

export interface ParseOptions {
  /** The name of the file in errors. @default "Dockerfile" */
  readonly path?: string;
}

/** What can be read of a Dockerfile. */
export interface Reading {
  /** Without the instructions that cannot be read. */
  readonly dockerfile: Dockerfile;
  /** In file order, at most 20. */
  readonly errors: readonly DockerfileError[];
  /** The instruction words of those that cannot be read, in upper case. */
  readonly unread: readonly string[];
}

/**
 * Reads a whole Dockerfile. Bytes are UTF-8.
 *
 * @throws DockerfileError the first error of the file, the others in its `others`
 */
export function parse(source: string | Uint8Array, options: ParseOptions = {}): Dockerfile {
  const { dockerfile, errors } = read(source, options);
  throwErrors(errors);
  return dockerfile;
}

/** Reads what can be read, and says what cannot. */
export function read(source: string | Uint8Array, options: ParseOptions = {}): Reading {
  const raw = readSource(source, options.path ?? "Dockerfile");
  const { directives, escape, lines, errors: first } = readDirectives(raw.file);
  const { instructions, errors: others, unread } = readInstructions(raw, lines, escape);
  const errors = [...first, ...others].slice(0, MOST_ERRORS);
  const dockerfile = { file: raw.file, directives, instructions };
  return { dockerfile, errors: errors.length > 0 ? errors : stageErrors(raw.file, instructions), unread };
}

/**
 * Reads a trigger of ONBUILD as an image has it, heredocs included. The escape character is a backslash (S-074).
 *
 * @param options.path the name of the trigger in errors. Default: "ONBUILD"
 * @throws DockerfileError
 */
export function parseTrigger(trigger: string, options: ParseOptions = {}): Instruction {
  const raw = readSource(trigger, options.path ?? "ONBUILD");
  const { instructions, errors } = readInstructions(raw, 0, "\\");
  throwErrors(errors.slice(0, MOST_ERRORS));
  const [instruction, extra] = instructions;
  if (instruction !== undefined && extra === undefined) return instruction;
  const span = extra?.span ?? { file: raw.file, line: 1, column: 1, length: 0 };
  const hint = "Write one ONBUILD for each instruction.";
  throw new DockerfileError("syntax", `a trigger is one instruction, found ${instructions.length}`, span, { hint });
}

function readInstructions({ file, raw, damaged }: RawSource, first: number, escape: Escape) {
  const lines = new LineReader(file, raw, first);
  const instructions: Instruction[] = [];
  const errors: DockerfileError[] = [];
  const unread: string[] = [];
  for (let line = lines.next(escape); line !== undefined && errors.length < MOST_ERRORS; line = lines.next(escape)) {
    try {
      const instruction = parseInstruction(line, lines, escape);
      instructions.push(instruction);
      if (damaged)
        throwErrors([damageIn(file, line.startLine, lines.linesRead)].filter((error) => error !== undefined));
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      errors.push(...separate(error));
      unread.push(firstWord(line.text.value));
    }
  }
  return { instructions, errors, unread };
}

function firstWord(line: string): string {
  return /^\s*(\S*)/.exec(line)![1]!.toUpperCase();
}

/** S-022: there is something to build, and only ARG stands before the first FROM. */
function stageErrors(file: SourceFile, instructions: readonly Instruction[]): DockerfileError[] {
  const [first] = instructions;
  if (first === undefined) {
    const span = { file, line: 1, column: 1, length: 0 };
    const hint = "Begin with FROM and an image.";
    return [new DockerfileError("empty_dockerfile", "file with no instructions", span, { hint })];
  }
  const stray = instructions.find(({ kind }) => kind !== "ARG");
  if (stray === undefined) {
    const hint = "Add FROM and an image.";
    return [new DockerfileError("no_stage", "dockerfile contains no stages to build", first.span, { hint })];
  }
  if (stray.kind === "FROM") return [];
  const message = `no build stage in current context: ${stray.kind} stands before the first FROM, where only ARG may`;
  return [new DockerfileError("no_stage", message, stray.span, { hint: "Move it below FROM." })];
}
