// WORKDIR: a layer with the directory and its missing parents, empty when they are there (S-142).

import type { Entry } from "../../filesystem/index.js";
import type { MakeDirectoryOp, Vertex } from "../../planner/index.js";
import { cachedLayer } from "../cached.js";
import type { Execution, Made, SnapshotResult } from "../context.js";
import { Destination } from "../copy/destination.js";
import { selectOwner } from "../copy/owner.js";
import { contentsOf } from "../layers/index.js";
import { packAndKeep } from "../pack.js";
import { readTextFile } from "../root-files.js";

export async function makeDirectory(
  execution: Execution,
  vertex: Vertex & { readonly op: MakeDirectoryOp },
  parent: SnapshotResult,
): Promise<Made> {
  const { op } = vertex;
  const { snapshot } = parent;
  const inputs = { op: "mkdir", path: op.path, user: op.user, root: contentsOf(snapshot) };
  return cachedLayer(execution, { inputs, below: snapshot, vertex, make: () => make(execution, vertex, parent) });
}

async function make(
  execution: Execution,
  { op, noCache }: Vertex & { readonly op: MakeDirectoryOp },
  { snapshot }: SnapshotResult,
) {
  const tree = await execution.layers.tree(snapshot);
  const owner = await selectOwner(op.user, (path) => readTextFile(execution, snapshot, path));
  const now = Math.floor(execution.now() / 1000);
  const destination = new Destination(tree, { ...owner, mode: 0o755, mtime: now });
  const path = tree.resolve(op.path);
  if (tree.get(path)?.type !== "directory") destination.makeDirectory(path);
  return packAndKeep(execution, destination.changes(), none, { isAnew: noCache !== false });
}

function none(entry: Entry): never {
  throw new Error(`a directory has no content: ${entry.path}`);
}
