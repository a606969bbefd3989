// Packs changes that were computed as data into a layer, unless the store has a layer that says the same.

import { join } from "node:path";
import { type LayerFact, stagedName } from "../cache/index.js";
import { contentDigest, datesDigest, type Entry, packChanges, undated, withDates } from "../filesystem/index.js";
import type { Digest } from "../oci/index.js";
import type { Content } from "./copy/destination.js";
import type { MadeLayer } from "./cached.js";
import type { Execution } from "./context.js";
import { equalLayer, keepLayer } from "./layers/index.js";

export interface PackAndKeepOptions {
  /** Whether nothing that was made before may be taken. @default false */
  readonly isAnew?: boolean;
}

export async function packAndKeep(
  execution: Execution,
  changes: readonly Entry[],
  contentOf: (entry: Entry) => Content,
  { isAnew = false }: PackAndKeepOptions = {},
): Promise<MadeLayer> {
  const content = withDates(contentDigest(changes), datesDigest(changes));
  const equal = isAnew ? undefined : equalLayer(execution.store, content);
  if (equal) return { layer: equal, reused: true };
  const shared = isAnew ? undefined : await execution.shared.findContent(content);
  if (shared) return { ...shared, reused: true };
  if (execution.dryRun) return { layer: imagined(execution, changes, content), reused: false };
  const tar = stagedName(join(execution.store.scratch(), "layer.tar"));
  const index = await packChanges(changes, { contentOf, output: tar, signal: execution.signal });
  const layer = keepLayer(execution.store, execution.layers, { index, tar, created: createdNow(execution) });
  return { layer, reused: false };
}

/** A layer that says `changes` and has no bytes: steps that stand on it can be looked up. */
function imagined({ layers }: Execution, changes: readonly Entry[], content: Digest): LayerFact {
  layers.know({ diffID: content, content, size: 0, changes: changes.map(undated) });
  return { diffID: content, content, size: 0, created: "" };
}

export function createdNow(execution: Execution): string {
  return new Date(execution.now()).toISOString();
}
