// RUN: a command in a sandbox on the layers below; what it changed becomes a layer.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { type LeftOver, packDirectory, removeLeftOver, tryRemoveTree, withDates } from "../../filesystem/index.js";
import type { RunOp, Vertex } from "../../planner/index.js";
import { cachedLayer } from "../cached.js";
import type { Execution, Made, Result, SnapshotResult } from "../context.js";
import { contentsOf, equalLayer, keepLayer, type Snapshot } from "../layers/index.js";
import { mountInputs, prepareMounts } from "../mounts/index.js";
import { ownership } from "../ownership.js";
import { createdNow } from "../pack.js";
import { LogTail } from "../run/log-tail.js";
import { ownerNotesIn, warnOfOwners } from "../run/owners.js";
import { type FailedStep, failedStep } from "../run/failed-step.js";
import { commandFailure, stoppedStep } from "../run/failure.js";
import { type CommandEnd, endOfCommand, type Place } from "../run/run.js";
import { settingsInputs } from "../run/settings.js";
import { prepareRoot } from "../snapshot/index.js";

type RunVertex = Vertex & { readonly op: RunOp };

export async function run(execution: Execution, vertex: RunVertex, results: readonly Result[]): Promise<Made> {
  const { op } = vertex;
  const { snapshot } = results[op.parent] as SnapshotResult;
  const { inputs: mounts, listings, mounted } = await mountInputs(execution, op.mounts, results);
  return cachedLayer(execution, {
    inputs: runInputs(execution, op, { snapshot, mounts }),
    below: snapshot,
    vertex,
    listings,
    mounted,
    make: () => make(execution, vertex, results),
  });
}

/** What a RUN reads (S-141; docs/formats.md, Cache keys). Proxy variables are not part of it (S-056). */
export function runInputs(
  { settings, inspectLayer }: Pick<Execution, "settings" | "inspectLayer">,
  op: RunOp,
  { snapshot, mounts }: { readonly snapshot: Snapshot; readonly mounts: readonly unknown[] },
): object {
  const { args, env, cwd, user, network, security, scripts, platform, devices = [] } = op;
  const command = { op: "run", args, env, cwd, user, network, security, scripts, platform };
  return {
    ...command,
    root: contentsOf(snapshot),
    ...(devices.length > 0 && { devices }),
    ...settingsInputs(settings),
    ...(mounts.length > 0 && { mounts }),
    // A layer that may have a secret in it is no answer for a build that forbids it.
    ...(mountsSecret(op) && !inspectLayer && { secretsMayStay: true }),
  };
}

function mountsSecret({ mounts }: RunOp): boolean {
  return mounts.some(({ type }) => type === "secret");
}

async function make(execution: Execution, vertex: RunVertex, results: readonly Result[]) {
  const { retries = 0 } = execution.settings;
  const withMore = { ...execution, onStepFailure: (failed: FailedStep) => reportIfLast(execution, failed) };
  for (let attempt = 1; ; attempt++) {
    try {
      return await makeOnce(attempt > retries ? execution : withMore, vertex, results);
    } catch (error) {
      if (attempt > retries || !isWorthAnotherTry(execution, error)) throw error;
      const message = `${vertex.name}: ${error.message}; trying again, ${retries + 1 - attempt} left`;
      execution.emit({ type: "warning", rule: "--run-retries", message, ...(vertex.span && { span: vertex.span }) });
    }
  }
}

async function reportIfLast(execution: Execution, failed: FailedStep): Promise<void> {
  if (!isWorthAnotherTry(execution, failed.error)) await execution.onStepFailure?.(failed);
}

function isWorthAnotherTry({ signal }: Execution, error: unknown): error is TsbuildError {
  return (
    !signal.aborted && error instanceof TsbuildError && (error.code === "run_failed" || error.code === "timed_out")
  );
}

/** Milliseconds that the times of files may be behind the clock. */
const CLOCK_LAG = 20;

/** Each time with a new upper directory, so that nothing of a failed attempt is seen by the next. */
async function makeOnce(execution: Execution, vertex: RunVertex, results: readonly Result[]) {
  const { store, layers, signal } = execution;
  const { snapshot } = results[vertex.op.parent] as SnapshotResult;
  const began = Date.now();
  const directory = stagedName(join(store.scratch(), "run"));
  mkdirSync(directory);
  const remove = () => void tryRemoveTree(directory); // else the scratch directory is removed with it
  try {
    const tree = await layers.tree(snapshot);
    const { user, root } = await runStep(execution, vertex, results, { snapshot, tree, directory });
    const tar = join(directory, "layer.tar");
    let leftOver: readonly LeftOver[] = [];
    const index = await packDirectory(root.upper, tree, {
      ...root.changes,
      began: Math.floor((began - CLOCK_LAG) / 1000),
      output: tar,
      signal,
      onLeftOver: (found) => void (leftOver = found),
      onDropped: warnOfDropped(execution, vertex),
      ...(ownership() === "recorded" && { owner: user, ownerNotes: ownerNotesIn(directory) }),
    });
    if (mountsSecret(vertex.op)) await execution.inspectLayer?.(tar, index);
    const keep = () => {
      const isAsPacked = root.snapshotter === "overlay" && removeLeftOver(root.upper, leftOver);
      const unpacked = isAsPacked ? { unpacked: root.upper } : {};
      return keepLayer(store, layers, { index, tar, ...unpacked, began, created: createdNow(execution) });
    };
    const equal = vertex.noCache ? undefined : equalLayer(store, withDates(index.content, index.dates));
    const layer = equal ? { ...equal, created: createdNow(execution) } : keep();
    execution.background.later(remove);
    return { layer, reused: false };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Of the first one. */
function warnOfDropped({ emit }: Execution, { span }: RunVertex): (path: string, attribute: string) => void {
  let isTold = false;
  return (path, attribute) => {
    if (isTold) return;
    isTold = true;
    const message = `the attribute ${attribute} of "/${path}" is not in the layer: overlayfs keeps its own notes under that name`;
    emit({ type: "warning", rule: "RUN", message, ...(span && { span }) });
  };
}

async function runStep(
  execution: Execution,
  vertex: RunVertex,
  results: readonly Result[],
  place: Omit<Place, "onOutput" | "root">,
): Promise<Pick<CommandEnd, "user"> & Pick<Place, "root">> {
  const { op, noCache } = vertex;
  const prepared = await prepareMounts(execution, {
    op,
    results,
    directory: place.directory,
    noCache: noCache !== false,
  });
  try {
    const tail = new LogTail();
    const onOutput = (stream: 1 | 2, data: Uint8Array) => {
      tail.add(data);
      execution.emit({ type: "output", vertex: String(vertex.id), stream, data });
    };
    const env = [...op.proxyEnv, ...op.env, ...prepared.env];
    const { mounts, points, hooks, groups } = prepared;
    const command = { ...op, env, mounts, points, hooks, groups };
    const root = await prepareRoot(execution, { ...place, points });
    const end = await endOfCommand(execution, command, { ...place, root, onOutput });
    warnOfOwners(execution, end);
    if (end.code === 0) return { user: end.user, root };
    const failed = { vertex, end, logTail: tail.text, upper: root.upper };
    const error = end.failure ? stoppedStep(failed) : commandFailure(failed);
    await execution.onStepFailure?.(
      failedStep(execution, { op, results, command, place: { ...place, root, onOutput }, error, user: end.user }),
    );
    throw error;
  } finally {
    prepared.release();
  }
}
