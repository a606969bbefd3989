// Corrects a Dockerfile where a finding has exactly one safe fix. A fix that would change what the file means is not made.

import { type Dockerfile, DockerfileError, type Finding, lint, type LintOptions, parse } from "../../parser/index.js";
import { applyEdits, type Edit } from "./edit.js";
import { editsFor } from "./edits.js";
import { meaningOf } from "./meaning.js";

export interface Fix {
  readonly rule: string;
  readonly message: string;
  /** Where it was before anything was corrected. */
  readonly line: number;
}

export interface FixedText {
  readonly text: string;
  /** In file order; one for each rule and line, however much of the line it changed. */
  readonly fixes: readonly Fix[];
}

interface Correction {
  readonly finding: Finding;
  readonly edits: readonly Edit[];
}

/** A fix may bring up another finding: FROM in lower case wants its AS in lower case. */
const PASSES = 4;

/** @throws DockerfileError when the text is no Dockerfile */
export function fixText(source: string, options: LintOptions & { readonly path?: string } = {}): FixedText {
  const { path = "Dockerfile", ...lintOptions } = options;
  let text = source;
  /** For each line of `text`, the line of `source` that it was. */
  let origins = source.split("\n").map((_, index) => index + 1);
  const fixes = new Map<string, Fix>();
  for (let pass = 0; pass < PASSES; pass++) {
    const dockerfile = parse(text, { path });
    const found = lint(dockerfile, lintOptions).flatMap((finding) => correctionOf(finding, dockerfile));
    const corrections = withoutOverlaps(found);
    const { text: next, made } = correct(text, dockerfile, corrections);
    if (made.length === 0) break;
    text = next;
    for (const { finding } of made) note(finding, origins[finding.span.line - 1]!, fixes);
    const removed = new Set(made.flatMap(({ edits }) => edits.flatMap((edit) => ("removed" in edit ? edit.line : []))));
    origins = origins.filter((_, index) => !removed.has(index + 1));
  }
  return { text, fixes: [...fixes.values()].sort((a, b) => a.line - b.line) };
}

/** What a later pass corrects once more is still one fix. */
function note({ rule, message }: Finding, line: number, fixes: Map<string, Fix>): void {
  const key = `${rule} ${line}`;
  if (!fixes.has(key)) fixes.set(key, { rule, message, line });
}

function correctionOf(finding: Finding, dockerfile: Dockerfile): Correction[] {
  const edits = editsFor(finding, dockerfile);
  return edits.length > 0 ? [{ finding, edits }] : [];
}

/** Of two that change the same characters the later one waits for the next pass. */
function withoutOverlaps(corrections: readonly Correction[]): Correction[] {
  const taken = new Map<number, Edit[]>();
  return corrections.filter(({ edits }) => {
    if (edits.some((edit) => taken.get(edit.line)?.some((other) => overlap(edit, other)))) return false;
    for (const edit of edits) taken.set(edit.line, [...(taken.get(edit.line) ?? []), edit]);
    return true;
  });
}

function overlap(a: Edit, b: Edit): boolean {
  if ("removed" in a || "removed" in b) return true;
  return a.column < b.column + b.length && b.column < a.column + a.length;
}

/** All at once, or else one by one without those that change the meaning. */
function correct(text: string, dockerfile: Dockerfile, corrections: readonly Correction[]) {
  const meaning = meaningOf(dockerfile);
  const apply = (chosen: readonly Correction[]) =>
    applyEdits(
      text,
      chosen.flatMap(({ edits }) => edits),
    );
  const isSafe = (chosen: readonly Correction[]) => meaningIn(apply(chosen)) === meaning;
  if (isSafe(corrections)) return { text: apply(corrections), made: corrections };
  const safe = corrections.filter((correction) => isSafe([correction]));
  const made = isSafe(safe) ? safe : safe.slice(0, 1);
  return { text: apply(made), made };
}

function meaningIn(text: string): string | undefined {
  try {
    return meaningOf(parse(text));
  } catch (error) {
    if (error instanceof DockerfileError) return undefined;
    throw error;
  }
}
