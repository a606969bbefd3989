// A layer as the executor knows it: what it is called, what it says, and where its bytes can be had.

import type { Descriptor, Digest } from "../../oci/index.js";
import type { ImageOrigin } from "../../planner/index.js";

export interface Layer {
  readonly diffID: Digest;
  /** What keys chain on: the content digest of layers made here, the diffID of layers that came from elsewhere. */
  readonly content: Digest;
  /** As in `LayerFact`. */
  readonly dates?: Digest;
  /** The blob as it is kept: an uncompressed tar of the store, or a blob of the base image. */
  readonly blob: Descriptor;
  /** Where the blob is when the store has none. */
  readonly origin?: ImageOrigin;
}

/** The root filesystem that a vertex stands for: layers, bottom first. */
export interface Snapshot {
  readonly layers: readonly Layer[];
}

/** Names the content of a whole root filesystem, in keys. */
export function contentsOf(snapshot: Snapshot): readonly Digest[] {
  return snapshot.layers.map((layer) => layer.content);
}
