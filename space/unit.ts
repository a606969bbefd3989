// What can be removed from the store by itself, and what that would cost.

export type UnitKind = "layer" | "unpacked" | "pulled" | "mount" | "source" | "download" | "loose" | "internal";

/** The words of `docker buildx du`. `internal` goes only with `all`. */
export type UnitType = "regular" | "exec.cachemount" | "source.git.checkout" | "source.http" | "internal";

export interface Unit {
  readonly id: string;
  readonly kind: UnitKind;
  readonly type: UnitType;
  readonly description: string;
  /** Bytes on the disk that nothing but the cache keeps. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly lastUsed: number;
  /** True when a build that runs now may need it. */
  readonly inUse: boolean;
  /** True when an image of the store has it too: it stays. */
  readonly shared: boolean;
  /** True for what steps write to. */
  readonly mutable: boolean;
  /** Milliseconds that it takes to have it again. */
  readonly cost: number;
  /** Content digests of the layers that it stands on, for a layer its own. */
  readonly standsOn: readonly string[];
  readonly content?: string;
  /** What is removed with it. */
  readonly parts: UnitParts;
}

export interface UnitParts {
  /** Facts: whoever uses the unit dates these first. */
  readonly facts: readonly { readonly path: string; readonly lastUsed: number }[];
  /** Hex digests. A blob goes when nothing else has it. */
  readonly blobs: readonly string[];
  /** Files and directories that are its own. */
  readonly paths: readonly string[];
  /** A lock that must be free. */
  readonly lock?: string;
  /** Dates the unit, where no fact does. */
  readonly use?: string;
}

export const TYPES: Readonly<Record<UnitKind, UnitType>> = {
  layer: "regular",
  unpacked: "regular",
  pulled: "regular",
  mount: "exec.cachemount",
  source: "source.git.checkout",
  download: "source.http",
  loose: "regular",
  internal: "internal",
};
