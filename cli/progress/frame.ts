// The live view as lines of text: a pure function of what is known, the size of the terminal and the time.

import { formatAmount, formatSeconds } from "./format.js";
import type { Theme } from "./theme.js";
import type { BuildView, Outcome, Status, Step } from "./view.js";
import { fit, printable, widthOf } from "./width.js";

export interface FrameOptions {
  readonly columns: number;
  /** Lines that the frame may have; Infinity for the last one, which scrolls. */
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly theme: Theme;
  /** Lines of output below each running step. */
  readonly logLines: number;
  /** At the right of the first line. @default nothing */
  readonly builder?: string;
}

/** What one step takes: its own line, and what it is doing. */
interface Block {
  readonly step: Step;
  readonly details: readonly string[];
}

const LABELS: Readonly<Record<Outcome, string>> = {
  done: "",
  cached: "CACHED ",
  failed: "ERROR ",
  canceled: "CANCELED ",
};

export function renderFrame(view: BuildView, options: FrameOptions): string[] {
  const steps = view.steps.filter(({ started, outcome }) => started !== undefined || outcome !== undefined);
  const blocks = steps.map((step) => ({ step, details: detailsOf(step, options) }));
  const shown = clamp(blocks, options.rows - 1);
  return [header(view, options), ...shown.flatMap((block) => [stepLine(block.step, options), ...block.details])];
}

/** `[+] Building 7.4s (6/9)          tsbuild:default` */
function header(view: BuildView, { columns, now, theme, builder = "" }: FrameOptions): string {
  const { steps } = view;
  const begun = steps.map(({ started, ended }) => started ?? ended ?? now);
  const ended = steps.filter(({ outcome }) => outcome !== undefined);
  const isOver = ended.length === steps.length;
  const until = isOver ? Math.max(...ended.map((step) => step.ended ?? now), 0) : now;
  const elapsed = formatSeconds(until - Math.min(...begun, until));
  const text = `[+] Building ${elapsed} (${ended.length}/${steps.length})${isOver && steps.length > 0 ? " FINISHED" : ""}`;
  const hasRoom = builder !== "" && text.length + builder.length + 2 < columns;
  return theme(isOver ? "run" : "faint", hasRoom ? row(text, builder, columns) : fit(text, columns - 1));
}

function stepLine(step: Step, { columns, now, theme }: FrameOptions): string {
  const elapsed = formatSeconds((step.ended ?? now) - (step.started ?? step.ended ?? now));
  const label = step.outcome ? LABELS[step.outcome] : "";
  const line = row(` => ${label}${printable(step.name)}`, elapsed, columns);
  if (step.outcome === undefined) return line;
  return theme(step.outcome === "failed" ? "error" : step.outcome === "canceled" ? "cancel" : "run", line);
}

function detailsOf(step: Step, { columns, now, theme, logLines }: FrameOptions): string[] {
  if (step.outcome !== undefined) return [];
  const open = [...step.statuses.values()].filter(({ done }) => !done).slice(-logLines);
  const logs = logLines > 0 ? step.tail.slice(-logLines) : [];
  return [
    ...open.map((status) => statusLine(status, now, columns)),
    ...logs.map(({ text }) => theme("faint", fit(` => => # ${printable(text)}`, columns - 1))),
  ];
}

function statusLine(status: Status, now: number, columns: number): string {
  return row(` => => ${printable(formatAmount(status))}`, formatSeconds(now - status.since), columns);
}

/** `left`, cut if need be, and `right` at the edge. The last column stays free: some terminals wrap after it. */
function row(left: string, right: string, columns: number): string {
  const text = fit(left, columns - 2 - right.length);
  return `${text}${" ".repeat(Math.max(1, columns - 1 - right.length - widthOf(text)))}${right}`;
}

/** Leaves out finished steps, the oldest first, then details, then the oldest of what is left. */
function clamp(blocks: readonly Block[], rows: number): Block[] {
  let over = blocks.reduce((sum, { details }) => sum + 1 + details.length, 0) - rows;
  const kept = blocks.filter(({ step }) => {
    const isDroppable = over > 0 && step.outcome !== undefined && step.outcome !== "failed";
    if (isDroppable) over--;
    return !isDroppable;
  });
  if (over <= 0) return kept;
  return kept.map(({ step }) => ({ step, details: [] })).slice(-Math.max(0, rows));
}
