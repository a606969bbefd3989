// ENV name value → ENV name="value", and the same for LABEL.

import { type Instruction, locate, type Word } from "../../parser/index.js";
import type { Edit, Replacement } from "./edit.js";

/** None when the name and its value stand on different lines. */
export function equalsSign(instruction: Instruction, escape: string): Edit[] {
  if ((instruction.kind !== "ENV" && instruction.kind !== "LABEL") || !instruction.legacy) return [];
  const [{ key, value } = missing()] = instruction.pairs;
  const { line, column, length } = key.span;
  const gap = { line, column: column + length, length: value.span.column - column - length };
  const between = key.span.file.lines[line - 1]!.slice(gap.column - 1, gap.column - 1 + gap.length);
  if (value.span.line !== line || gap.length < 1 || between.trim() !== "") return [];
  return quoteValue(value, escape).map((edit, index) => (index === 0 ? join(gap, edit) : edit));
}

type Gap = Omit<Replacement, "text">;

/** The blanks become the equals sign, with what is written at the beginning of the value. */
function join(gap: Gap, first: Replacement): Edit {
  return { ...gap, length: gap.length + first.length, text: `=${first.text}` };
}

/** The first edit begins where the value does. */
function quoteValue(value: Word, escape: string): Replacement[] {
  const { text, span } = value;
  const start = { line: span.line, column: span.column, length: 0, text: "" };
  if (!/[\t\v\f\r ]/.test(text)) return [start];
  if (!/["'\\`]/.test(text)) return [{ ...start, text: '"' }, afterLast(value)];
  const written = span.file.lines[span.line - 1]!.slice(span.column - 1, span.column - 1 + text.length);
  return written === text ? [{ ...start, length: text.length, text: escapeBlanks(text, escape) }] : [];
}

function afterLast(value: Word): Replacement {
  const { line, column } = locate(value, value.text.length - 1, 1);
  return { line, column: column + 1, length: 0, text: '"' };
}

/** Blanks that no quote protects get the escape character. */
function escapeBlanks(text: string, escape: string): string {
  let quote = "";
  let result = "";
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (char === escape && quote !== "'") {
      result += char + (text[++index] ?? "");
      continue;
    }
    if (quote === "" && /[\t\v\f\r ]/.test(char)) result += escape;
    if (quote === char) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    result += char;
  }
  return result;
}

function missing(): never {
  throw new Error("a legacy ENV or LABEL has one pair");
}
