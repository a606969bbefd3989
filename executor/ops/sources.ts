// What COPY reads from, as trees: a build context, or the root filesystem of another vertex.

import type { Entry, FileTree } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";
import type { ContextIndex } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import type { SourceTree } from "../copy/source.js";
import type { Snapshot } from "../layers/index.js";

export function openSource(execution: Execution, result: Result): Promise<SourceTree> {
  return result.kind === "context" ? result.open() : snapshotSource(execution, result.snapshot);
}

async function snapshotSource(execution: Execution, snapshot: Snapshot): Promise<SourceTree> {
  const tree = await execution.layers.tree(snapshot);
  return {
    tree,
    hash: async (entries) => {
      await execution.layers.prepareContent(snapshot, layersOf(entries, tree));
      return entries;
    },
    contentOf: (entry) => execution.layers.contentOf(tree.layerOf(entry.path)!, entry),
    explainMissing: () => undefined,
  };
}

/** The layers that hold the files among `entries`: only these are fetched. */
function layersOf(entries: readonly Entry[], tree: FileTree): Set<Digest> {
  return new Set(entries.flatMap(({ type, path }) => (type === "file" ? (tree.layerOf(path) ?? []) : [])));
}

export function contextSource(index: ContextIndex): SourceTree {
  return {
    get tree() {
      return index.tree;
    },
    hash: (entries) => index.hash(entries),
    contentOf: (entry) => index.contentOf(entry),
    explainMissing: (path) => index.explainMissing(path),
  };
}
