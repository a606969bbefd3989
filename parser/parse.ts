// A Dockerfile's text as a syntax tree.
// https://docs.docker.com/reference/dockerfile/

import type { Dockerfile, Instruction } from "./ast.js";
import { readDirectives } from "./directives.js";
import { DockerfileError, throwErrors } from "./error.js";
import { parseInstruction } from "./instruction.js";
import { LineReader, type Escape } from "./lines.js";
import { damageIn, readSource, type RawSource } from "./source-file.js";
import type { SourceFile } from "./source.js";

export interface ParseOptions {
  /** The name of the file in errors. @default "Dockerfile" */
  readonly path?: string;
}

/** Of a file that is no Dockerfile at all, this many errors are enough. */
const MOST_ERRORS = 20;

/**
 * Reads a whole Dockerfile. Bytes are UTF-8.
 *
 * @throws DockerfileError the first error of the file, the others in its `others`
 */
export function parse(source: string | Uint8Array, options: ParseOptions = {}): Dockerfile {
  const raw = readSource(source, options.path ?? "Dockerfile");
  const { directives, escape, lines, errors } = readDirectives(raw.file);
  const { instructions, errors: more } = readInstructions(raw, lines, escape);
  throwErrors([...errors, ...more].slice(0, MOST_ERRORS));
  checkStages(raw.file, instructions);
  return { file: raw.file, directives, instructions };
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
  for (let line = lines.next(escape); line !== undefined && errors.length < MOST_ERRORS; line = lines.next(escape)) {
    try {
      const instruction = parseInstruction(line, lines, escape);
      instructions.push(instruction);
      if (damaged)
        throwErrors([damageIn(file, line.startLine, lines.linesRead)].filter((error) => error !== undefined));
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      errors.push(error);
    }
  }
  return { instructions, errors };
}

/** S-022: there is something to build, and only ARG stands before the first FROM. */
function checkStages(file: SourceFile, instructions: readonly Instruction[]): void {
  const [first] = instructions;
  if (first === undefined) {
    const span = { file, line: 1, column: 1, length: 0 };
    throw new DockerfileError("empty_dockerfile", `${file.path} has no instructions`, span, {
      hint: "Begin with FROM and an image.",
    });
  }
  const stray = instructions.find(({ kind }) => kind !== "ARG");
  if (stray === undefined) {
    throw new DockerfileError("no_stage", `${file.path} has no stage to build`, first.span, {
      hint: "Add FROM and an image.",
    });
  }
  if (stray.kind === "FROM") return;
  throw new DockerfileError("no_stage", `${stray.kind} stands before the first FROM, where only ARG may`, stray.span, {
    hint: "Move it below FROM.",
  });
}
