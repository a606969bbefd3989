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
  | { readonly type: "failed"; readonly vertex: VertexId; readonly message: string; readonly exitCode?: number }
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
}

export interface VertexDone {
  readonly type: "done";
  readonly vertex: VertexId;
  readonly cached: boolean;
  /** Why a step ran although something like it was built before. */
  readonly why?: string;
  /** The layer that the step made. */
  readonly layer?: { readonly digest: Digest; readonly size: number };
}

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
