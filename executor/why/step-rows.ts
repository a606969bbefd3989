// What the steps of a Dockerfile stood on in its last builds, as the store keeps it (docs/formats.md): a row for each build.

import type { StepPlace } from "./step-index.js";

/** Builds that are remembered, each with other results. At most ten: a digit tells which. */
const MOST_ROWS = 10;

/** Steps that are remembered of a Dockerfile, those of the latest builds. */
const MOST_STEPS = 4000;

/** Names of records, by the ids of steps. */
export type StepRow = ReadonlyMap<string, string>;

/** By the id of a step: the names of its records, then for each build, the latest first, which of them; `-` for none. */
export type StoredRows = Readonly<Record<string, string>>;

/** Marks the name of a record that only another cache had. */
const ELSEWHERE = "~";

export function elsewhere(name: string): string {
  return `${ELSEWHERE}${name}`;
}

export function isElsewhere(name: string): boolean {
  return name.startsWith(ELSEWHERE);
}

export function plainName(name: string | undefined): string | undefined {
  return name !== undefined && isElsewhere(name) ? name.slice(ELSEWHERE.length) : name;
}

export function stepId({ stage, platform, position, text }: StepPlace): string {
  return JSON.stringify([stage, platform, position ?? null, text]);
}

/** Undefined for what is damaged. */
export function placeOf(id: string): StepPlace | undefined {
  try {
    const [stage, platform, position, text] = JSON.parse(id) as [string, string, number | null, string];
    return { stage, platform, position: position ?? undefined, text };
  } catch {
    return undefined;
  }
}

/** @param rows the latest first; those that say the same as a later one are left out */
export function encodeRows(rows: readonly StepRow[]): StoredRows {
  const kept = distinct(rows).slice(0, MOST_ROWS);
  const ids = [...new Set(kept.flatMap((row) => [...row.keys()]))].slice(0, MOST_STEPS);
  return Object.fromEntries(ids.map((id) => [id, encodeStep(kept.map((row) => row.get(id)))]));
}

export function countRows(stored: StoredRows): number {
  return Math.max(0, ...Object.values(stored).map((text) => text.length - text.lastIndexOf(" ") - 1));
}

/** @param build 0 for the latest. What is damaged is left out */
export function decodeRow(stored: StoredRows, build: number): StepRow {
  const row = new Map<string, string>();
  for (const [id, text] of Object.entries(stored)) {
    const end = text.lastIndexOf(" ");
    const name = nameAt(text, end, text[end + 1 + build]);
    if (name !== undefined) row.set(id, name);
  }
  return row;
}

export function isSameRow(a: StepRow, b: StepRow): boolean {
  return a.size === b.size && [...a].every(([id, name]) => b.get(id) === name);
}

function distinct(rows: readonly StepRow[]): StepRow[] {
  return rows.filter((row, position) => !rows.slice(0, position).some((later) => isSameRow(later, row)));
}

function encodeStep(names: readonly (string | undefined)[]): string {
  const known = [...new Set(names.flatMap((name) => name ?? []))];
  return [...known, names.map((name) => (name === undefined ? "-" : known.indexOf(name))).join("")].join(" ");
}

/** Nearly always a step had one record in all builds, so that nothing needs to be taken apart. */
function nameAt(text: string, end: number, digit: string | undefined): string | undefined {
  if (digit === undefined || digit === "-") return undefined;
  return text.indexOf(" ") === end ? text.slice(0, end) : text.slice(0, end).split(" ")[Number(digit)];
}
