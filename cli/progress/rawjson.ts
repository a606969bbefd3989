// `--progress=rawjson`: one JSON object a line, in the form of BuildKit's SolveStatus, so that its readers work.
// https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus

import { createHash } from "node:crypto";
import { type BuildEvent, LINT_RULES } from "../../index.js";
import { range } from "../report/json-parts.js";
import { BuildView, type Status, type Step, type Warning } from "./view.js";

/** Writes the line of each event. */
export class RawJsonPrinter {
  readonly #view = new BuildView(0);
  readonly #digests = new VertexDigests();
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  on(event: BuildEvent): void {
    const { step, status } = this.#view.apply(event);
    if (event.type === "vertex") this.#digests.declare(event);
    this.#write(`${JSON.stringify(solveStatus(event, step, status, this.#digests))}\n`);
  }
}

/** BuildKit names vertices by digests of what they are: equal ones have equal names in all builds. */
class VertexDigests {
  readonly #digests = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** Inputs are declared before what uses them. */
  declare({ vertex, name, inputs }: Pick<Step, "vertex" | "name" | "inputs">): void {
    if (this.#digests.has(vertex)) return;
    const definition = [name, ...inputs.map((input) => this.of(input))];
    let digest = digestOf(JSON.stringify(definition));
    while (this.#taken.has(digest)) digest = digestOf(digest); // two steps that say the same
    this.#taken.add(digest);
    this.#digests.set(vertex, digest);
  }

  /** Of the vertex that read the Dockerfile, which is declared before all others. */
  get first(): string {
    return this.#digests.values().next().value ?? digestOf("");
  }

  of(vertex: string): string {
    return this.#digests.get(vertex) ?? digestOf(vertex);
  }
}

function solveStatus(
  event: BuildEvent,
  step: Step | undefined,
  status: Status | undefined,
  digests: VertexDigests,
): object {
  if (event.type === "warning") return { warnings: [warningRow(event, digests.first)] };
  if (event.type === "status") return { statuses: [statusRow(status!, digests)] };
  if (event.type !== "output") return { vertexes: [vertexRow(step!, digests)] };
  const data = Buffer.from(event.data).toString("base64");
  return { logs: [{ vertex: digests.of(event.vertex), stream: event.stream, data, timestamp: timestamp(event.time) }] };
}

function vertexRow({ vertex, inputs, name, started, ended, outcome, message }: Step, digests: VertexDigests): object {
  return {
    digest: digests.of(vertex),
    ...(inputs.length > 0 && { inputs: inputs.map((input) => digests.of(input)) }),
    name,
    ...((started ?? ended) !== undefined && { started: timestamp((started ?? ended)!) }),
    ...(ended !== undefined && { completed: timestamp(ended) }),
    ...(outcome === "cached" && { cached: true }),
    ...(outcome === "failed" && { error: message }),
    ...(outcome === "canceled" && { error: "context canceled" }),
  };
}

function statusRow({ id, vertex, current = 0, total, since, time, done }: Status, digests: VertexDigests): object {
  return {
    id,
    vertex: digests.of(vertex),
    name: id,
    ...(total !== undefined && { total }),
    current,
    timestamp: timestamp(time),
    started: timestamp(since),
    ...(done && { completed: timestamp(time) }),
  };
}

/** Warnings in BuildKit's form, as rawjson and the metadata file have them. */
export function warningRows({ warnings, steps }: Pick<BuildView, "warnings" | "steps">): object[] {
  const digests = new VertexDigests();
  for (const step of steps) digests.declare(step);
  return warnings.map((warning) => warningRow(warning, digests.first));
}

/** Texts are base64, as Go encodes bytes. */
function warningRow({ rule, message, url, span }: Warning, vertex: string): object {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const description = LINT_RULES.find(({ name }) => name === rule)?.description;
  return {
    vertex,
    level: 1,
    short: base64(`${rule}: ${message}${span ? ` (line ${span.line})` : ""}`),
    ...(description !== undefined && { detail: [base64(description)] }),
    ...(url !== undefined && { url }),
    ...(span && {
      sourceInfo: { filename: span.file.path, data: base64(span.file.lines.join("\n")), language: "Dockerfile" },
      range: [range(span)],
    }),
  };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function timestamp(time: number): string {
  return new Date(time).toISOString();
}
