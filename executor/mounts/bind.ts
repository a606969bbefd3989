// RUN --mount=type=bind: a path of the build context, a stage or an image (S-130).

import type { FileTree } from "../../filesystem/index.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import type { SourceTree } from "../copy/source.js";
import type { LayerForm, Snapshot } from "../layers/index.js";
import { missingPath } from "../missing-path.js";
import { mountFiles, mountSnapshot } from "../snapshot/index.js";
import { contextFiles } from "./context-files.js";
import type { PreparedMount } from "./prepared.js";
import { select } from "./selection.js";

export type BindMount = Extract<RunMount, { type: "bind" }>;

/** @param directory an empty one for the mount's own files */
export async function prepareBind(
  execution: Execution,
  mount: BindMount,
  result: Result,
  directory: string,
): Promise<PreparedMount> {
  return result.kind === "snapshot"
    ? bindSnapshot(execution, mount, result.snapshot, directory)
    : bindContext(execution, mount, await result.open(), directory);
}

async function bindSnapshot(
  execution: Execution,
  mount: BindMount,
  snapshot: Snapshot,
  directory: string,
): Promise<PreparedMount> {
  const tree = await execution.layers.tree(snapshot);
  const source = tree.resolve(mount.source);
  const type = typeAt(tree, source, mount);
  const { target, readonly } = mount;
  return {
    mounts: [await mountSnapshot(execution, { snapshot, tree, source, target, readonly, directory })],
    points: [{ path: target, type }],
  };
}

/** What a context gives is like a COPY of it, so that ignored files are not there and owners are root. */
async function bindContext(
  execution: Execution,
  mount: BindMount,
  context: SourceTree,
  directory: string,
): Promise<PreparedMount> {
  const source = context.tree.resolve(mount.source);
  const type = typeAt(context.tree, source, mount);
  const { target, readonly } = mount;
  const selection = await select(context, source, source);
  const filesIn = (form: LayerForm, own?: string) => contextFiles(execution, selection, form, own);
  const files = { filesIn, source, isDirectory: type === "directory", target, readonly, directory };
  return { mounts: [await mountFiles(execution, files)], points: [{ path: target, type }] };
}

function typeAt(tree: FileTree, path: string, mount: BindMount): "directory" | "file" {
  const entry = tree.get(path);
  if (entry) return entry.type === "directory" ? "directory" : "file";
  throw missingPath(mount.source, {
    use: `, to be mounted at "${mount.target}"`,
    hint: "Check source= of the mount: it is a path from the root of what from= names.",
  });
}
