// MAINTAINER name → LABEL org.opencontainers.image.authors="name"
// https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys

import { type Dockerfile, type Instruction, prefersLowerCase } from "../../parser/index.js";
import type { Edit } from "./edit.js";

export const AUTHORS = "org.opencontainers.image.authors";

/** None when the label is set as well, which of the two is meant then nobody can tell, or when comments would be lost. */
export function labelAuthor(instruction: Instruction, { file, instructions }: Dockerfile, escape: string): Edit[] {
  if (instruction.kind !== "MAINTAINER" || instructions.some(setsAuthors)) return [];
  const { span, startLine, endLine, name } = instruction;
  const further = Array.from({ length: endLine - startLine }, (_, index) => startLine + 1 + index);
  if (further.some((line) => /^\s*#/.test(file.lines[line - 1]!))) return [];
  const label = prefersLowerCase({ instructions }) ? "label" : "LABEL";
  const text = `${label} ${AUTHORS}="${name.replace(/["$\\`]/g, (char) => quoted(char, escape))}"`;
  const length = file.lines[span.line - 1]!.length - span.column + 1;
  return [
    { line: span.line, column: span.column, length, text },
    ...further.map((line) => ({ line, removed: true }) as const),
  ];
}

function setsAuthors(instruction: Instruction): boolean {
  return instruction.kind === "LABEL" && instruction.pairs.some(({ key }) => key.text.includes(AUTHORS));
}

/** Between double quotes only these have a meaning: the quote, the dollar and the escape character. */
function quoted(char: string, escape: string): string {
  return char === '"' || char === "$" || char === escape ? escape + char : char;
}
