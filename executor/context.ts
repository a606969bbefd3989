// What every operation of one build shares.

import type { Store } from "../cache/index.js";
import type { BuildFact } from "../progress.js";
import type { Digest } from "../oci/index.js";
import type { LayerAccess, Snapshot } from "./layers/index.js";
import type { SandboxRuntime } from "./sandbox/index.js";
import type { SourceTree } from "./copy/source.js";

export interface Execution {
  readonly store: Store;
  readonly layers: LayerAccess;
  /** Found out at the first RUN that is not cached. */
  readonly runtime: () => Promise<SandboxRuntime>;
  readonly emit: (fact: BuildFact) => void;
  readonly signal: AbortSignal;
  readonly secrets: Secrets;
  /** Time that made things carry, in milliseconds: now, or SOURCE_DATE_EPOCH. */
  readonly now: () => number;
}

/** What steps may ask for by name. Values never reach the store, a key or an event. */
export interface Secrets {
  /** The bytes of a secret, or undefined when none was given. */
  value(id: string): Uint8Array | undefined;
  /** The path of an ssh agent's socket. */
  socket(id: string): string | undefined;
}

export const NO_SECRETS: Secrets = { value: () => undefined, socket: () => undefined };

/** What a vertex gives to those that use it. */
export type Result = SnapshotResult | ContextResult;

export interface SnapshotResult {
  readonly kind: "snapshot";
  readonly snapshot: Snapshot;
  /** When its topmost layer was made; absent for images and scratch. */
  readonly created?: string;
}

export interface ContextResult {
  readonly kind: "context";
  /** Reads the directory at the first call. */
  readonly open: () => Promise<SourceTree>;
}

/** What an operation that makes a layer did. */
export interface Made {
  readonly result: SnapshotResult;
  readonly cached: boolean;
  readonly layer: { readonly digest: Digest; readonly size: number };
}
