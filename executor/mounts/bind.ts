// RUN --mount=type=bind: a path of the build context, a stage or an image (S-130).

import { TsbuildError } from "../../errors.js";
import type { FileTree } from "../../filesystem/index.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import type { SourceTree } from "../copy/source.js";
import type { Snapshot } from "../layers/index.js";
import { mountSnapshot } from "../snapshot/index.js";
import type { PreparedMount } from "./prepared.js";
import { selectionLayer } from "./selection.js";

export type BindMount = Extract<RunMount, { type: "bind" }>;

/** @param directory an empty one for the mount's own files */
export async function prepareBind(
  execution: Execution,
  mount: BindMount,
  result: Result,
  directory: string,
): Promise<PreparedMount> {
  const snapshot = await snapshotOf(execution, result, mount.source);
  const tree = await execution.layers.tree(snapshot);
  const source = tree.resolve(mount.source);
  const type = typeAt(tree, source, mount) === "directory" ? "directory" : "file";
  const { target, readonly } = mount;
  return {
    mounts: [await mountSnapshot(execution, { snapshot, tree, source, target, readonly, directory })],
    points: [{ path: target, type }],
  };
}

/** What a context gives is packed like a COPY of it, so that ignored files are not there and owners are root. */
async function snapshotOf(execution: Execution, result: Result, source: string): Promise<Snapshot> {
  return result.kind === "snapshot" ? result.snapshot : contextSnapshot(execution, await result.open(), source);
}

async function contextSnapshot(execution: Execution, source: SourceTree, written: string): Promise<Snapshot> {
  const path = source.tree.resolve(written);
  return { layers: [await selectionLayer(execution, source, path, path)] };
}

function typeAt(tree: FileTree, path: string, mount: BindMount): string {
  const entry = tree.get(path);
  if (entry) return entry.type;
  throw new TsbuildError("source_not_found", `"${mount.source}" not found, to be mounted at "${mount.target}"`, {
    hint: "Check source= of the mount: it is a path from the root of what from= names.",
  });
}
