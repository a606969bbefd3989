// `--progress=rawjson`: one JSON object a line, in the form of BuildKit's SolveStatus, so that its readers work.
// https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus

import { createHash } from "node:crypto";
import type { BuildEvent } from "../../index.js";
import { BuildView, type Status, type Step, type Warning } from "./view.js";

/** Writes the line of each event. */
export class RawJsonPrinter {
  readonly #view = new BuildView(0);
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  on(event: BuildEvent): void {
    const { step, status } = this.#view.apply(event);
    this.#write(`${JSON.stringify(solveStatus(event, step, status))}\n`);
  }
}

function solveStatus(event: BuildEvent, step: Step | undefined, status: Status | undefined): object {
  if (event.type === "warning") return { warnings: [warningRow(event)] };
  if (event.type === "status") return { statuses: [statusRow(status!)] };
  if (event.type !== "output") return { vertexes: [vertexRow(step!)] };
  const data = Buffer.from(event.data).toString("base64");
  return { logs: [{ vertex: digestOf(event.vertex), stream: event.stream, data, timestamp: timestamp(event.time) }] };
}

function vertexRow({ vertex, inputs, name, started, ended, outcome, message }: Step): object {
  return {
    digest: digestOf(vertex),
    ...(inputs.length > 0 && { inputs: inputs.map(digestOf) }),
    name,
    ...((started ?? ended) !== undefined && { started: timestamp((started ?? ended)!) }),
    ...(ended !== undefined && { completed: timestamp(ended) }),
    ...(outcome === "cached" && { cached: true }),
    ...(outcome === "failed" && { error: message }),
    ...(outcome === "canceled" && { error: "context canceled" }),
  };
}

function statusRow({ id, vertex, current = 0, total, since, time, done }: Status): object {
  return {
    id,
    vertex: digestOf(vertex),
    name: id,
    ...(total !== undefined && { total }),
    current,
    timestamp: timestamp(time),
    started: timestamp(since),
    ...(done && { completed: timestamp(time) }),
  };
}

/** A warning in BuildKit's form. Texts are base64, as Go encodes bytes. */
export function warningRow({ rule, message, url, span }: Warning): object {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const line = span && {
    start: { line: span.line, character: span.column - 1 },
    end: { line: span.line, character: 0 },
  };
  return {
    level: 1,
    short: base64(`${rule}: ${message}`),
    ...(url !== undefined && { url }),
    ...(span && {
      sourceInfo: { filename: span.file.path, data: base64(span.file.lines.join("\n")), language: "Dockerfile" },
      range: [line],
    }),
  };
}

/** BuildKit's vertices are named by digests. */
function digestOf(vertex: string): string {
  return `sha256:${createHash("sha256").update(vertex).digest("hex")}`;
}

function timestamp(time: number): string {
  return new Date(time).toISOString();
}
