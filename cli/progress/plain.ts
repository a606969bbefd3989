// `--progress=plain`: lines that only ever get appended, in the form of docker buildx, for logs and pipes.
//
// One step is open at a time. What others print waits until the open one ends, or has had its share; a step that has ended is
// printed at once, so that the log shows things in the order in which they became certain.

import type { BuildEvent } from "../../index.js";
import { formatAmount, formatClock, formatSeconds } from "./format.js";
import { type BuildView, type Change, type Status, type Step } from "./view.js";

/** An open step keeps its place for so long. */
const FAIR_SHARE = 5_000;
/** A step that has something to say waits no longer than this. */
const LONGEST_WAIT = 10_000;
/** As both, where steps are folded: one fold of a step is better to read than several. */
const FOLDED_WAIT = 30_000;
/** A transfer says something new at each tenth, or, when its size is unknown, at this interval. */
const STATUS_INTERVAL = 5_000;

export interface PlainOptions {
  /** Cuts the names of steps, in characters. */
  readonly nameWidth?: number;
  /** Stands above all steps, as a step of the number 0. @default nothing does */
  readonly heading?: string;
  /** Folds the lines of each step. A step then keeps its place until it has ended, or others have waited for long. */
  readonly folds?: Folds;
}

/** What stands around the lines of a step; what it ended with stands behind. */
export interface Folds {
  /** A line with the name of the step. @param time milliseconds since the epoch */
  open(step: Step, time: number): string;
  /** Nothing, or a whole line. */
  close(step: Step, time: number): string;
}

/** Lines of one step that are not printed yet. */
interface Waiting {
  readonly step: Step;
  readonly since: number;
  readonly lines: string[];
  /** The outcome is among the lines. A base image's transfers may come after it. */
  ends: boolean;
}

export class PlainPrinter {
  readonly #view: BuildView;
  readonly #write: (text: string) => void;
  readonly #options: PlainOptions;
  readonly #waiting = new Map<Step, Waiting>();
  readonly #printedStatus = new Map<string, Status>();
  readonly #ended = new Set<Step>();
  #open: Step | undefined;
  #openSince = 0;
  #first = true;
  #isFolded = false;

  constructor(view: BuildView, write: (text: string) => void, options: PlainOptions = {}) {
    this.#view = view;
    this.#write = write;
    this.#options = options;
  }

  on(event: BuildEvent): void {
    const change = this.#view.apply(event);
    const { step } = change;
    if (!step || event.type === "vertex") return;
    const waiting = this.#waiting.get(step) ?? { step, since: event.time, lines: [], ends: false };
    this.#waiting.set(step, waiting);
    waiting.lines.push(...this.#linesOf(change, step));
    if (step.outcome && !this.#ended.has(step)) {
      waiting.lines.push(...endOf(step));
      waiting.ends = true;
      this.#ended.add(step);
    }
    if (!waiting.ends && waiting.lines.length === 0 && event.type !== "started") this.#waiting.delete(step);
    this.tick(event.time);
  }

  /** Prints what may be printed at `now`. To be called now and then, so that nothing waits for the next event. */
  tick(now: number): void {
    if (this.#open && this.#waiting.get(this.#open)?.ends) this.#print(this.#open, now);
    for (const waiting of this.#waiting.values()) {
      if (waiting.ends && this.#mayComeBetween(waiting, now)) this.#print(waiting.step, now);
    }
    const next = this.#next(now);
    if (next && next !== this.#open) this.#printOpen(now);
    if (next) this.#print(next, now);
  }

  /** Prints what steps that never ended had still to say. */
  end(): void {
    for (const { step, lines } of this.#waiting.values()) if (lines.length > 0) this.#print(step, Infinity);
  }

  /** What has ended is printed at once, unless it would cut a fold in two. */
  #mayComeBetween({ since }: Waiting, now: number): boolean {
    return !this.#options.folds || !this.#open || now - since >= FOLDED_WAIT;
  }

  #next(now: number): Step | undefined {
    const longest = this.#longestWaiting();
    if (!this.#open) return longest?.step;
    const silent = !this.#waiting.has(this.#open);
    if (!longest) return silent ? undefined : this.#open;
    const hasHadShare = now - this.#openSince >= FAIR_SHARE;
    if (hasHadShare && this.#isTurnOf(longest, silent, now)) return longest.step;
    return silent ? undefined : this.#open;
  }

  #isTurnOf({ since }: Waiting, silent: boolean, now: number): boolean {
    if (this.#options.folds) return now - since >= FOLDED_WAIT;
    return silent || now - since >= LONGEST_WAIT;
  }

  #longestWaiting(): Waiting | undefined {
    const others = [...this.#waiting.values()].filter(({ step }) => step !== this.#open);
    return others.toSorted((a, b) => a.since - b.since)[0];
  }

  #print(step: Step, now: number): void {
    const { lines = [], ends = false } = this.#waiting.get(step) ?? {};
    this.#waiting.delete(step);
    if (step !== this.#open) this.#openStep(step, now, ends && lines.length === 1);
    const last = ends ? lines.length - 1 : lines.length;
    for (const line of lines.slice(0, last)) this.#write(`#${step.number} ${line}\n`);
    if (!ends) return;
    this.#close(step, now);
    for (const line of lines.slice(last)) this.#write(`#${step.number} ${line}\n`);
    this.#open = undefined;
  }

  #close(step: Step, now: number): void {
    if (this.#isFolded) this.#write(this.#options.folds!.close(step, timeOf(step, now)));
    this.#isFolded = false;
  }

  /** What the open step has still to say, before another is opened. */
  #printOpen(now: number): void {
    if (this.#open && this.#waiting.has(this.#open)) this.#print(this.#open, now);
  }

  /** @param isShort says that all there is of the step is how it ended: nothing is to be folded */
  #openStep(step: Step, now: number, isShort: boolean): void {
    const { folds, nameWidth, heading } = this.#options;
    if (this.#first && heading !== undefined) this.#write(`#0 ${heading}\n\n`);
    if (this.#open) this.#write(`#${this.#open.number} ...\n`);
    if (this.#open) this.#close(this.#open, now);
    const blank = this.#first || folds ? "" : "\n";
    this.#isFolded = folds !== undefined && !isShort;
    this.#write(
      this.#isFolded ? folds!.open(step, timeOf(step, now)) : `${blank}#${step.number} ${cut(step.name, nameWidth)}\n`,
    );
    this.#first = false;
    this.#open = step;
    this.#openSince = now;
  }

  #linesOf({ lines, status }: Change, step: Step): string[] {
    const rows = lines.map(({ time, text }) => `${formatClock(time - (step.started ?? time))} ${text}`);
    if (status && this.#isNews(step, status)) rows.push(statusLine(status));
    return rows;
  }

  #isNews(step: Step, status: Status): boolean {
    const key = `${step.number} ${status.id}`;
    const before = this.#printedStatus.get(key);
    if (before?.done) return false;
    const isNews = status.done || hasMoved(status, before);
    if (isNews) this.#printedStatus.set(key, status);
    return isNews;
  }
}

/** `now` is Infinity when all is printed that there is. */
function timeOf({ ended, started }: Step, now: number): number {
  return Number.isFinite(now) ? now : (ended ?? started ?? Date.now());
}

function hasMoved(status: Status, before: Status | undefined): boolean {
  if (!status.total) return status.time - (before?.time ?? status.since) >= STATUS_INTERVAL;
  return ((status.current ?? 0) - (before?.current ?? 0)) / status.total >= 0.1;
}

function statusLine(status: Status): string {
  const elapsed = status.time - status.since;
  const time = elapsed > 10 ? ` ${formatSeconds(elapsed)}` : "";
  return `${formatAmount(status)}${time}${status.done ? " done" : ""}`;
}

function endOf(step: Step): string[] {
  return [...(step.why === undefined ? [] : [`why: ${step.why}`]), outcomeLine(step)];
}

function outcomeLine({ outcome, message, started, ended }: Step): string {
  if (outcome === "cached") return "CACHED";
  if (outcome === "canceled") return "CANCELED";
  if (outcome === "failed") return `ERROR: ${message}`;
  return `DONE ${formatSeconds((ended ?? 0) - (started ?? ended ?? 0))}`;
}

function cut(name: string, width: number | undefined): string {
  return width !== undefined && name.length > width ? `${name.slice(0, width - 3)}...` : name;
}
