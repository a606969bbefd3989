// What is known of a build so far: the event stream folded into one picture that every renderer reads.

import type { BuildEvent, Span } from "../../index.js";
import { LineReader } from "./line-reader.js";

/** The event of one type. */
export type EventOf<Type extends BuildEvent["type"]> = Extract<BuildEvent, { readonly type: Type }>;
export type Warning = EventOf<"warning">;

export type Outcome = "done" | "cached" | "failed" | "canceled";

export interface Step {
  readonly vertex: string;
  /** From 1, in the order of declaration, so the numbers of two builds of one Dockerfile agree. One that is declared again keeps it. */
  readonly number: number;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly span?: Span;
  readonly lines?: readonly [number, number];
  /** Milliseconds since the epoch. */
  started?: number;
  ended?: number;
  outcome?: Outcome;
  /** Of a failed step. */
  message?: string;
  /** The file with its whole log, of a failed step. */
  log?: string;
  why?: string;
  readonly statuses: Map<string, Status>;
  /** The last lines that it printed. */
  readonly tail: LogLine[];
}

export interface Status extends EventOf<"status"> {
  /** When this `id` was first heard of. */
  readonly since: number;
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly text: string;
}

/** What one event added, beside what the steps show. */
export interface Change {
  readonly step?: Step;
  /** Whole lines that the event completed. */
  readonly lines: readonly LogLine[];
  readonly status?: Status;
}

export class BuildView {
  readonly #steps = new Map<string, Step>();
  readonly #readers = new Map<string, LineReader>();
  readonly warnings: Warning[] = [];
  readonly #keep: number;

  /** @param keep how many of the last lines of each step's output to remember */
  constructor(keep = 10) {
    this.#keep = keep;
  }

  /** In order of declaration. */
  get steps(): Step[] {
    return [...this.#steps.values()];
  }

  apply(event: BuildEvent): Change {
    if (event.type === "warning") return this.#warn(event);
    if (event.type === "vertex") return this.#declare(event);
    const step = this.#steps.get(event.vertex);
    if (!step) throw new Error(`event "${event.type}" of undeclared vertex ${event.vertex}`);
    const lines = this.#lines(event, step);
    for (const line of lines) if (step.tail.push(line) > this.#keep) step.tail.shift();
    const status = event.type === "status" ? this.#status(event, step) : undefined;
    if (event.type === "started") step.started = event.time;
    else if (event.type === "done" || event.type === "failed" || event.type === "canceled") end(step, event);
    return { step, lines, ...(status && { status }) };
  }

  #declare(event: EventOf<"vertex">): Change {
    const { vertex, name, inputs, span, lines } = event;
    const number = this.#steps.get(vertex)?.number ?? this.#steps.size + 1;
    const place = { ...(span && { span }), ...(lines && { lines }) };
    const step: Step = { vertex, number, name, inputs, ...place, statuses: new Map(), tail: [] };
    this.#steps.set(vertex, step);
    return { step, lines: [] };
  }

  #warn(warning: Warning): Change {
    this.warnings.push(warning);
    return { lines: [] };
  }

  #status(event: EventOf<"status">, step: Step): Status {
    const since = step.statuses.get(event.id)?.since ?? event.time;
    const status: Status = { ...event, since };
    step.statuses.set(event.id, status);
    return status;
  }

  /** A step's last line may have no line end, so its end completes it. */
  #lines(event: BuildEvent, step: Step): LogLine[] {
    if (event.type === "output") return at(event.time, this.#reader(step.vertex, event.stream).read(event.data));
    if (event.type !== "done" && event.type !== "failed" && event.type !== "canceled") return [];
    return at(
      event.time,
      [1, 2].flatMap((stream) => this.#readers.get(`${step.vertex} ${stream}`)?.end() ?? []),
    );
  }

  #reader(vertex: string, stream: 1 | 2): LineReader {
    const key = `${vertex} ${stream}`;
    const reader = this.#readers.get(key) ?? new LineReader();
    this.#readers.set(key, reader);
    return reader;
  }
}

function end(step: Step, event: EventOf<"done" | "failed" | "canceled">): void {
  step.ended = event.time;
  step.outcome = event.type === "done" && event.cached ? "cached" : event.type;
  if (event.type === "failed") step.message = event.message;
  if (event.type === "failed" && event.log !== undefined) step.log = event.log;
  if (event.type === "done" && event.why !== undefined) step.why = event.why;
}

function at(time: number, texts: readonly string[]): LogLine[] {
  return texts.map((text) => ({ time, text }));
}
