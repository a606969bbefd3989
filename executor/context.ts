// What every operation of one build shares.

import type { Store } from "../cache/index.js";
import type { LayerOperation } from "./cached.js";
import type { LayerIndex } from "../filesystem/index.js";
import type { GitOp, HttpOp } from "../planner/index.js";
import type { Because, BuildFact } from "../progress.js";
import type { Digest } from "../oci/index.js";
import type { LayerAccess, Snapshot } from "./layers/index.js";
import type { Background } from "./background.js";
import type { FailedStep } from "./run/failed-step.js";
import type { RunSettings } from "./run/settings.js";
import type { SandboxRuntime } from "./sandbox/index.js";
import type { SourceTree } from "./copy/source.js";
import type { Scaffolds } from "./run/scaffold.js";
import type { SharedCache, SharedMounts } from "./shared.js";
import type { Miss, StepHistory } from "./why/index.js";

export interface Execution {
  readonly store: Store;
  readonly layers: LayerAccess;
  /** Found out at the first RUN that is not cached. */
  readonly runtime: () => Promise<SandboxRuntime>;
  readonly emit: (fact: BuildFact) => void;
  readonly signal: AbortSignal;
  readonly background: Background;
  readonly secrets: Secrets;
  /** Absent when secrets may be in layers. */
  readonly inspectLayer?: InspectLayer;
  readonly settings: RunSettings;
  readonly fetch: Fetch;
  readonly scaffolds: Scaffolds;
  readonly history: StepHistory;
  readonly shared: SharedCache;
  /** Absent when cache mounts stay on this machine. */
  readonly sharedMounts?: SharedMounts;
  /** The steps of this build by the content digest of their layers. */
  readonly madeBy: Map<Digest, string>;
  /** Milliseconds since the epoch: records made earlier are not used. @default their age does not matter */
  readonly notBefore?: number;
  /** In place of making a layer: nothing is executed or kept. @default layers are made */
  readonly dryRun?: (
    execution: Execution,
    operation: LayerOperation,
    step: { readonly name: string; readonly miss: Miss },
  ) => Promise<Made>;
  /** Called with a RUN that failed while its root is still there; the step ends when it has returned. */
  readonly onStepFailure?: (failed: FailedStep) => Promise<void>;
  /** Directories of cache mounts that `--no-cache` has emptied. */
  readonly emptied: Set<string>;
  /** Time that made things carry, in milliseconds: now, or SOURCE_DATE_EPOCH. */
  readonly now: () => number;
}

/** What it takes to run a command on layers. */
export type Running = Pick<
  Execution,
  "store" | "layers" | "runtime" | "signal" | "settings" | "scaffolds" | "background"
>;

/** What steps may ask for by name. Values never reach the store, a key or an event. */
export interface Secrets {
  /** The bytes of a secret, or undefined when none was given. */
  value(id: string): Uint8Array | undefined;
  /** The path of an ssh agent's socket, or paths of private keys; undefined when none were given. */
  agent(id: string): readonly string[] | undefined;
}

/** @throws secret_leaked */
export type InspectLayer = (tar: string, index: LayerIndex) => Promise<void>;

export const NO_SECRETS: Secrets = { value: () => undefined, agent: () => undefined };

/** Brings sources that are elsewhere to this machine, or finds that they are here as they are there. */
export interface Fetch {
  http(source: HttpOp["source"], options: FetchOptions): Promise<FetchedFile>;
  git(
    source: GitOp["source"],
    options: FetchOptions,
  ): Promise<{ readonly directory: string; readonly commit: string; readonly cached: boolean }>;
  /** The directory with the files of an archive; undefined when it is none. */
  unpack(file: FetchedFile, options: FetchOptions): Promise<string | undefined>;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Told of the bytes so far, and of all when the server says how many there are. */
  readonly onProgress?: (current: number, total: number | undefined) => void;
}

export interface FetchedFile {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** True when nothing was downloaded. */
  readonly cached: boolean;
}

/** What a vertex gives to those that use it. */
export type Result = SnapshotResult | ContextResult;

export interface SnapshotResult {
  readonly kind: "snapshot";
  readonly snapshot: Snapshot;
  /** When its topmost layer was made; absent for images and scratch. */
  readonly created?: string;
  /** When the step that made it began: what it made is not older. */
  readonly began?: string;
}

export interface ContextResult {
  readonly kind: "context";
  /** Reads the directory at the first call. */
  readonly open: () => Promise<SourceTree>;
  /** What was fetched: the digest of a file, or the commit of a repository. Absent for what is of this machine. */
  readonly fetched?: { readonly digest: Digest } | { readonly commit: string };
}

/** What an operation that makes a layer did. */
export interface Made {
  readonly result: SnapshotResult;
  readonly cached: boolean;
  readonly layer: { readonly digest: Digest; readonly size: number };
  /** Why it was made although something like it was made before. */
  readonly why?: string;
  /** The class of `why`. */
  readonly because?: Because;
  /** The name of its record: the key without its `k1:`. */
  readonly key: string;
  /** Milliseconds that it took when it was made: for what was taken from the cache. */
  readonly saved?: number;
}
