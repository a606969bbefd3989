// Writes layers anew: with younger times, or several as one.

import { join } from "node:path";
import { type Store, stagedName } from "../../cache/index.js";
import type { Layer } from "../../executor/index.js";
import { type Entry, FileTree, type LayerChange, packChanges, type PackOptions } from "../../filesystem/index.js";
import { type Descriptor, hexOf, MediaType, sha256 } from "../../oci/index.js";
import type { LayerContents } from "./contents.js";
import { squashChanges } from "./squash.js";

export interface RewriteOptions {
  readonly store: Store;
  readonly contents: LayerContents;
  readonly signal?: AbortSignal;
}

export interface Clamp {
  /** Seconds since the epoch that what is newer gets. */
  readonly epoch: number;
  /** When its step began. What is as new as that is as new as the build, whenever the step ran: the cache does not show. */
  readonly made?: number;
}

/** The layer with no time after `epoch` (S-173). It is the layer itself when it has none. */
export async function clampTimes(layer: Layer, { epoch, made }: Clamp, options: RewriteOptions): Promise<Layer> {
  const from = Math.min(epoch, made ?? epoch);
  return twin(layer, `clamped-${epoch}-${from}`, options, async () => {
    const { index, contentOf } = await options.contents.open(layer);
    const changes = index.changes.map((change) => clamped(change, from, epoch));
    return changes.every((change, at) => change === index.changes[at]) ? undefined : { changes, contentOf };
  });
}

function clamped(change: LayerChange, from: number, epoch: number): LayerChange {
  if (change.type === "whiteout" || change.type === "opaque") return change;
  if (change.mtime < from || (change.mtime === epoch && change.mtimeNs === 0)) return change;
  return { ...change, mtime: epoch, mtimeNs: 0 };
}

/** `layers` as one that stands on `below`. */
export async function squashLayers(
  below: readonly Layer[],
  layers: readonly Layer[],
  options: RewriteOptions,
): Promise<Layer> {
  const stack = [...below, ...layers].map(({ diffID }) => diffID).join(" ");
  const name = hexOf(sha256(`squash ${below.length} ${stack}`));
  return twin(layers.at(-1)!, `squashed-${name}`, options, async () => {
    const opened = await Promise.all(layers.map((layer) => options.contents.open(layer)));
    const tree = await treeOf(below, options.contents);
    const indexes = opened.map(({ index }) => index.changes);
    const { changes, layerOf, original } = squashChanges(tree, indexes);
    return { changes, contentOf: ({ path }: Entry) => opened[layerOf(path)]!.contentOf(original(path)) };
  });
}

/** The root filesystem that layers make. */
export async function treeOf(layers: readonly Layer[], contents: LayerContents): Promise<FileTree> {
  let tree = FileTree.empty;
  for (const layer of layers) tree = tree.apply((await contents.open(layer)).index.changes, layer.diffID);
  return tree;
}

interface Rewritten extends Pick<PackOptions, "contentOf"> {
  readonly changes: readonly LayerChange[];
}

/** A layer made of another: found by name when it was made before. */
async function twin(
  layer: Layer,
  form: string,
  { store, signal }: RewriteOptions,
  rewrite: () => Promise<Rewritten | undefined>,
): Promise<Layer> {
  const key = `${hexOf(layer.diffID)}-${form}`;
  const known = store.compressed.get(key);
  if (known && store.blobs.hasSync(known) && store.hasLayerIndex(known.digest)) return plainLayer(known);
  const rewritten = await rewrite();
  if (!rewritten) return layer;
  const output = stagedName(join(store.scratch(), "rewritten.tar"));
  const { changes, contentOf } = rewritten;
  const index = await packChanges(changes, { contentOf, output, ...(signal && { signal }) });
  store.blobs.adopt(output, index.diffID);
  store.putLayerIndex(index);
  const blob = { mediaType: MediaType.layer, digest: index.diffID, size: index.size };
  store.compressed.put(key, blob);
  return { ...plainLayer(blob), content: index.content };
}

function plainLayer(blob: Descriptor): Layer {
  return { diffID: blob.digest, content: blob.digest, blob };
}
