// For each rule with exactly one safe fix: the edits that make a finding go away.

import {
  type Dockerfile,
  type Finding,
  type FromInstruction,
  prefersLowerCase,
  type Span,
} from "../../parser/index.js";
import type { Edit } from "./edit.js";
import { labelAuthor } from "./maintainer.js";
import { equalsSign } from "./pairs.js";

/** No edits when this finding has no safe fix. */
type FindEdits = (finding: Finding, dockerfile: Dockerfile, escape: string) => readonly Edit[];

const EDITS: Readonly<Record<string, FindEdits>> = {
  StageNameCasing: ({ span }) => recase(span, true),
  FromAsCasing: ({ instruction }) => (instruction.kind === "FROM" ? recaseAs(instruction) : []),
  ConsistentInstructionCasing: ({ span }, dockerfile) => recase(span, prefersLowerCase(dockerfile)),
  LegacyKeyValueFormat: ({ instruction }, _, escape) => equalsSign(instruction, escape),
  NoEmptyContinuation: ({ instruction }) =>
    (instruction.emptyLines ?? []).map(({ line }) => ({ line, removed: true }) as const),
  ExposeProtoCasing: ({ span }) => recase(span, true),
  MaintainerDeprecated: ({ instruction }, dockerfile, escape) => labelAuthor(instruction, dockerfile, escape),
  RedundantTargetPlatform: ({ instruction }, dockerfile) =>
    instruction.kind === "FROM" ? dropPlatform(instruction, dockerfile) : [],
};

/** The rules that have a fix. */
export const FIXABLE_RULES: readonly string[] = Object.keys(EDITS);

export function editsFor(finding: Finding, dockerfile: Dockerfile): readonly Edit[] {
  const escape = dockerfile.directives.find(({ name }) => name === "escape")?.value ?? "\\";
  return EDITS[finding.rule]?.(finding, dockerfile, escape) ?? [];
}

function recase({ file, line, column, length }: Span, lower: boolean): Edit[] {
  const text = file.lines[line - 1]!.slice(column - 1, column - 1 + length);
  return [{ line, column, length, text: lower ? text.toLowerCase() : text.toUpperCase() }];
}

/** AS stands between the image and the name, perhaps on a line between theirs. */
function recaseAs({ keyword, image, as }: FromInstruction): Edit[] {
  if (!as) return [];
  const { file, line: first } = image.span;
  for (let line = first; line <= as.span.line; line++) {
    const text = file.lines[line - 1]!;
    if (line > first && /^\s*#/.test(text)) continue;
    const from = line === first ? image.span.column - 1 + image.span.length : 0;
    const to = line === as.span.line ? as.span.column - 1 : text.length;
    const at = /(?<!\S)as(?!\S)/i.exec(text.slice(from, to));
    if (at) return recase({ file, line, column: from + at.index + 1, length: 2 }, keyword === keyword.toLowerCase());
  }
  return [];
}

/** An ARG of that name may give the variable another value: then the flag is not redundant. */
function dropPlatform({ flags }: FromInstruction, { instructions }: Dockerfile): Edit[] {
  const flag = flags.find(({ name }) => name === "platform");
  const isSet = instructions.some(
    (each) => each.kind === "ARG" && each.args.some(({ name, value }) => name.text === "TARGETPLATFORM" && value),
  );
  if (!flag || isSet) return [];
  const { file, line, column, length } = flag.span;
  const [blanks] = /^[\t ]*/.exec(file.lines[line - 1]!.slice(column - 1 + length))!;
  return [{ line, column, length: length + blanks.length, text: "" }];
}
