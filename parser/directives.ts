// Parser directives: `# syntax=…`, `# escape=…` and `# check=…` before anything else (S-001 to S-003).
// https://docs.docker.com/reference/dockerfile/#parser-directives

import type { Directive } from "./ast.js";
import { skipSpace } from "./blank.js";
import { parseCheck } from "./check.js";
import { DockerfileError } from "./error.js";
import type { Escape } from "./lines.js";
import type { SourceFile, Span } from "./source.js";

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S(?:.*\S)?)\s*$/;

/** Frontends that speak the language of this parser, with any registry and version. */
const DOCKERFILE_SYNTAX = /^(?:\S+\/)?docker\/dockerfile(?:-upstream)?(?:[:@]\S*)?(?:\s|$)/;

export interface Directives {
  readonly directives: readonly Directive[];
  readonly escape: Escape;
  /** How many lines they take, a line with `#!` included. */
  readonly lines: number;
  readonly errors: readonly DockerfileError[];
}

/** Reads the directives at the head of the file. They end at the first line that is not one. */
export function readDirectives(file: SourceFile): Directives {
  const directives: Directive[] = [];
  const errors: DockerfileError[] = [];
  const first = file.lines[0]?.startsWith("#!") ? 1 : 0;
  let lines = first;
  for (; lines < file.lines.length; lines++) {
    const directive = readDirective(file, lines);
    if (directive === undefined) break;
    const error = checkDirective(directive, directives);
    if (error) errors.push(error);
    directives.push(directive);
  }
  return { directives, escape: escapeOf(directives), lines, errors };
}

/** The directive on the line with this index, or undefined: an unknown name makes it an ordinary comment. */
function readDirective(file: SourceFile, index: number): Directive | undefined {
  const line = file.lines[index]!;
  const start = skipSpace(line);
  const [, written = "", value = ""] = DIRECTIVE.exec(line.slice(start)) ?? [];
  const name = written.toLowerCase();
  if (name !== "syntax" && name !== "escape" && name !== "check") return undefined;
  const column = line.lastIndexOf(value) + 1;
  return { name, value, span: { file, line: index + 1, column, length: value.length } };
}

function checkDirective(directive: Directive, earlier: readonly Directive[]): DockerfileError | undefined {
  const { name, value, span } = directive;
  if (earlier.some((other) => other.name === name)) {
    return bad(`the directive "${name}" is given twice`, span, "Keep one of them.");
  }
  if (name === "escape" && value !== "\\" && value !== "`") {
    return bad(`the escape character must be "\\" or "\`", found "${value}"`, span, "Write # escape=\\ or # escape=`.");
  }
  if (name === "syntax" && !DOCKERFILE_SYNTAX.test(value)) {
    const hint = "Use docker/dockerfile:1, or leave the directive out.";
    return new DockerfileError(
      "unsupported",
      `the frontend "${value}" cannot be run, expected docker/dockerfile`,
      span,
      { hint },
    );
  }
  return name === "check" ? checkError(directive) : undefined;
}

function checkError({ value, span }: Directive): DockerfileError | undefined {
  try {
    parseCheck(value, span);
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
  return undefined;
}

function bad(message: string, span: Span, hint: string): DockerfileError {
  return new DockerfileError("bad_directive", message, span, { hint });
}

/** The first valid escape directive counts, so that the rest of a file with errors is read as meant. */
function escapeOf(directives: readonly Directive[]): Escape {
  const value = directives.find(({ name }) => name === "escape")?.value;
  return value === "`" ? "`" : "\\";
}
