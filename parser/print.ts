// A syntax tree as text again, one line for each instruction.

import type { Dockerfile, Instruction } from "./ast.js";
import { continuation, type Escape } from "./lines.js";

/**
 * Text that parses to the same tree but for places. Continuation lines are joined, comments inside of instructions and blank lines
 * are gone.
 */
export function print({ directives, instructions }: Dockerfile): string {
  const escape = directives.find(({ name }) => name === "escape")?.value === "`" ? "`" : "\\";
  const head = directives.map(({ name, value }) => `# ${name}=${value}`);
  // The blank line keeps a comment of the first instruction from being read as a directive.
  const gap = head.length > 0 || instructions[0]?.comments.length ? [""] : [];
  return [...head, ...gap, ...instructions.flatMap((instruction) => printInstruction(instruction, escape)), ""].join(
    "\n",
  );
}

function printInstruction(instruction: Instruction, escape: Escape): string[] {
  const comments = instruction.comments.map((comment) => `# ${comment}`);
  const [text, ...body] = instruction.kind === "ONBUILD" ? instruction.trigger.split("\n") : [instruction.text];
  const line = text === "" ? instruction.keyword : `${instruction.keyword} ${text}`;
  return [...comments, closed(line, escape), ...body, ...printHeredocs(instruction)];
}

function printHeredocs(instruction: Instruction): string[] {
  const heredocs = "heredocs" in instruction ? instruction.heredocs : [];
  return heredocs.flatMap(({ name, content }) => [...(content === "" ? [] : [content.slice(0, -1)]), name]);
}

/** A form feed is white space that a parser drops, but unlike a blank it keeps an escape character at the end from continuing the line. */
function closed(line: string, escape: Escape): string {
  return continuation(line, 0, escape) === undefined ? line : `${line}\f`;
}
