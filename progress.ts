// What a build reports while it runs: facts, in order. Faces (terminal, plain logs, JSON, CI) are readers of this stream.

import type { Digest } from "./oci/index.js";
import type { Span } from "./parser/index.js";

/** Names one line of work in one build. Vertices of the graph have their own; so have pulls, exports and the loading of inputs. */
export type VertexId = string;

/** Every event carries `time`: milliseconds since the epoch. */
export type BuildEvent = { readonly time: number } & BuildFact;

export type BuildFact =
  | VertexDeclared
  | { readonly type: "started"; readonly vertex: VertexId }
  | VertexDone
  /** `log` is the file with all that a step printed. */
  | {
      readonly type: "failed";
      readonly vertex: VertexId;
      readonly message: string;
      readonly exitCode?: number;
      readonly log?: string;
    }
  | { readonly type: "canceled"; readonly vertex: VertexId }
  /** Output of a RUN step, as it comes; `data` may end inside a line or a character. */
  | { readonly type: "output"; readonly vertex: VertexId; readonly stream: 1 | 2; readonly data: Uint8Array }
  | VertexStatus
  | BuildWarning;

/** Comes before any other event of its vertex. All vertices of the graph are declared in Dockerfile order before the first starts. */
export interface VertexDeclared {
  readonly type: "vertex";
  readonly vertex: VertexId;
  /** As `docker buildx` prints it: `[builder 2/5] RUN npm ci`, `[internal] load build definition from Dockerfile`. */
  readonly name: string;
  readonly inputs: readonly VertexId[];
  readonly stage?: string;
  readonly span?: Span;
  /** First and last line of the instruction. */
  readonly lines?: readonly [number, number];
  /** Of an image: its name and digest, `docker.io/library/node:20@sha256:…`. */
  readonly image?: string;
}

export interface VertexDone {
  readonly type: "done";
  readonly vertex: VertexId;
  readonly cached: boolean;
  /** Why a step ran although something like it was built before. */
  readonly why?: string;
  /** The class of `why`. */
  readonly because?: Because;
  /** Names what the cache keeps of the step: its key without `k1:`. */
  readonly key?: string;
  /** Milliseconds that a cached step took when it was made. */
  readonly saved?: number;
  /** The layer that the step made. */
  readonly layer?: { readonly digest: Digest; readonly size: number };
}

/**
 * Why a step was made: what it reads changed, its result is older than is allowed, or known only from a cache that the build
 * does not read, or no longer there; else the flag that forbids to take it.
 */
export type Because = "changed" | "too-old" | "other-cache" | "lost" | `--${string}`;

/** Progress within a vertex: a transfer, an export. Sent at most every 100 ms for one `id`, and once when it is complete. */
export interface VertexStatus {
  readonly type: "status";
  readonly vertex: VertexId;
  /** `sha256:…` of a blob, or a sentence: `exporting layers`. */
  readonly id: string;
  readonly current?: number;
  readonly total?: number;
  readonly done: boolean;
}

export interface BuildWarning {
  readonly type: "warning";
  /** A lint rule's name, or the flag that the warning is about: `JSONArgsRecommended`, `--build-arg`. */
  readonly rule: string;
  readonly message: string;
  readonly url?: string;
  readonly span?: Span;
}

export type OnEvent = (event: BuildEvent) => void;

/** Says what one piece of work beside the graph does: loading, resolving, exporting. */
export interface WorkReporter {
  /** A sentence about a part that is done: `naming to docker.io/library/app:1`. */
  status(sentence: string): void;
  transfer(id: string, current: number, total: number): void;
}

/** Runs work that is no vertex of the graph as a vertex of its own, so that users see it and its time. */
export async function reportWork<Value>(
  emit: (fact: BuildFact) => void,
  vertex: VertexId,
  name: string,
  work: (report: WorkReporter) => Promise<Value>,
): Promise<Value> {
  emit({ type: "vertex", vertex, name, inputs: [] });
  emit({ type: "started", vertex });
  try {
    const value = await work(reporterOf(emit, vertex));
    emit({ type: "done", vertex, cached: false });
    return value;
  } catch (error) {
    emit({ type: "failed", vertex, message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/**
 * Says that hosts are waited for, each time as a vertex of its own that is done when the waiting is over.
 * @returns told of a host and the seconds of its silence, with 0 when it is over
 */
export function waitReporter(emit: (fact: BuildFact) => void): (host: string, seconds: number) => void {
  const waits = new Map<string, VertexId>();
  let count = 0;
  return (host, seconds) => {
    const waiting = waits.get(host);
    if (seconds === 0) {
      if (waiting !== undefined) emit({ type: "done", vertex: waiting, cached: false });
      waits.delete(host);
      return;
    }
    const vertex = waiting ?? `waiting ${(count += 1)}`;
    waits.set(host, vertex);
    if (waiting === undefined) emit({ type: "vertex", vertex, name: `waiting for ${host}`, inputs: [] });
    if (waiting === undefined) emit({ type: "started", vertex });
    emit({ type: "output", vertex, stream: 2, data: Buffer.from(`nothing came for ${seconds} s\n`) });
  };
}

/** Milliseconds between two reports of one transfer. */
const REPORT_EVERY = 100;

/** Reports the parts of a vertex; transfers at most every 100 ms. */
export function reporterOf(emit: (fact: BuildFact) => void, vertex: VertexId): WorkReporter {
  const last = new Map<string, number>();
  return {
    status: (id) => emit({ type: "status", vertex, id, done: true }),
    transfer: (id, current, total) => {
      const now = Date.now();
      if (current < total && now - (last.get(id) ?? 0) < REPORT_EVERY) return;
      last.set(id, now);
      emit({ type: "status", vertex, id, current, total, done: current >= total });
    },
  };
}
