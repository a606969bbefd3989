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
/** A transfer says something new at each tenth, or, when its size is unknown, at this interval. */
const STATUS_INTERVAL = 5_000;

export interface PlainOptions {
  /** Cuts the names of steps, in characters. */
  readonly nameWidth?: number;
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
    for (const { step, ends } of this.#waiting.values()) if (ends) this.#print(step, now);
    const next = this.#next(now);
    if (next) this.#print(next, now);
  }

  /** Prints what steps that never ended had still to say. */
  end(): void {
    for (const { step, lines } of this.#waiting.values()) if (lines.length > 0) this.#print(step, Infinity);
  }

  #next(now: number): Step | undefined {
    const longest = this.#longestWaiting();
    if (!this.#open) return longest?.step;
    const silent = !this.#waiting.has(this.#open);
    if (!longest) return silent ? undefined : this.#open;
    const share = now - this.#openSince;
    if (share >= FAIR_SHARE && (silent || now - longest.since >= LONGEST_WAIT)) return longest.step;
    return silent ? undefined : this.#open;
  }

  #longestWaiting(): Waiting | undefined {
    const others = [...this.#waiting.values()].filter(({ step }) => step !== this.#open);
    return others.toSorted((a, b) => a.since - b.since)[0];
  }

  #print(step: Step, now: number): void {
    const { lines = [], ends = false } = this.#waiting.get(step) ?? {};
    this.#waiting.delete(step);
    if (step !== this.#open) this.#openStep(step, now);
    for (const line of lines) this.#write(`#${step.number} ${line}\n`);
    if (ends) this.#open = undefined;
  }

  #openStep(step: Step, now: number): void {
    if (this.#open) this.#write(`#${this.#open.number} ...\n`);
    this.#write(`${this.#first ? "" : "\n"}#${step.number} ${cut(step.name, this.#options.nameWidth)}\n`);
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
