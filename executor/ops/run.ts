// RUN: a command in a sandbox on the layers below; what it changed becomes a layer.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { packDirectory } from "../../filesystem/index.js";
import type { RunOp } from "../../planner/index.js";
import { cachedLayer } from "../cached.js";
import type { Execution, Made, SnapshotResult } from "../context.js";
import { contentsOf, equalLayer, keepLayer, type Snapshot } from "../layers/index.js";
import { createdNow } from "../pack.js";
import { runInSandbox } from "../run/run.js";

export async function run(execution: Execution, op: RunOp, parent: SnapshotResult, noCache: boolean, vertex: string): Promise<Made> {
  const { snapshot } = parent;
  return cachedLayer(execution, {
    inputs: runInputs(op, snapshot),
    below: snapshot,
    noCache,
    make: () => make(execution, op, snapshot, vertex),
  });
}

/** What a RUN reads (S-141). Proxy variables are not part of it (S-056). */
function runInputs(op: RunOp, snapshot: Snapshot): unknown {
  const { args, env, cwd, user, network, security, scripts, platform } = op;
  return { op: "run", args, env, cwd, user, network, security, scripts, platform, root: contentsOf(snapshot) };
}

async function make(execution: Execution, op: RunOp, snapshot: Snapshot, vertex: string) {
  const { store, layers, signal } = execution;
  const directory = stagedName(join(store.scratch(), "run"));
  mkdirSync(directory);
  const tree = await layers.tree(snapshot);
  const status = await runInSandbox(execution, op, { snapshot, tree, directory, vertex });
  if (status.code !== 0) throw new TsbuildError("run_failed", failure(op, status.code), { cause: status });
  const tar = join(directory, "layer.tar");
  const upper = join(directory, "upper");
  const index = await packDirectory(upper, tree, { output: tar, signal });
  const equal = equalLayer(store, index.content);
  if (equal) return { layer: equal, reused: false };
  return { layer: keepLayer(store, layers, { index, tar, unpacked: upper, created: createdNow(execution) }), reused: false };
}

function failure(op: RunOp, code: number): string {
  return `process "${op.args.join(" ")}" did not complete successfully: exit code: ${code}`;
}
