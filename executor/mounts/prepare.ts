// All mounts of a RUN: made ready in order, let go together.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheMountKey } from "../../cache/index.js";
import type { RunMount, RunOp } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import { prepareDevices } from "../devices/index.js";
import { prepareBind } from "./bind.js";
import { prepareCache } from "./cache.js";
import { prepareTmpfs } from "./given.js";
import { prepareHost } from "./host.js";
import type { PreparedMount } from "./prepared.js";
import { prepareScripts } from "./scripts.js";
import { prepareSecret } from "./secret.js";
import { prepareAgent } from "./ssh.js";

export interface StepMounts {
  readonly op: RunOp;
  readonly results: readonly Result[];
  /** An existing directory for files of the mounts; the caller removes it. */
  readonly directory: string;
  /** Begin with empty cache mounts. */
  readonly noCache: boolean;
}

/** @throws source_not_found, secret_not_found; what was made ready before is let go */
export async function prepareMounts(execution: Execution, step: StepMounts): Promise<Required<PreparedMount>> {
  const prepared: PreparedMount[] = [];
  const held: PreparedMount[] = [];
  const release = () => held.splice(0).forEach((mount) => mount.release?.());
  try {
    prepared.push(await prepareDevices(step.op.devices ?? []));
    prepared.push(prepareScripts(step.op.scripts, step.directory));
    prepared.push(...(await prepareInOrder(execution, step, (mount) => held.push(mount))));
    const mounts = prepared.flatMap((one) => one.mounts);
    return {
      mounts,
      points: prepared.flatMap((one) => one.points),
      env: prepared.flatMap((one) => one.env ?? []),
      hooks: prepared.flatMap((one) => one.hooks ?? []),
      groups: prepared.flatMap((one) => one.groups ?? []),
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Locks of cache mounts are taken in one order by all steps of all builds, so that none waits for another in a circle, nor a
 * step for itself.
 */
async function prepareInOrder(
  execution: Execution,
  step: StepMounts,
  onHeld: (mount: PreparedMount) => void,
): Promise<readonly PreparedMount[]> {
  const { mounts } = step.op;
  const order = [...mounts.keys()].sort((a, b) => compareText(lockOf(mounts[a]!), lockOf(mounts[b]!)) || a - b);
  const prepared: PreparedMount[] = [];
  for (const [position, index] of order.entries()) {
    const mount = mounts[index]!;
    const before = order[position - 1];
    const isHeld = before !== undefined && lockOf(mount) !== "" && lockOf(mount) === lockOf(mounts[before]!);
    prepared[index] = isHeld ? again(prepared[before]!, mount) : await prepareOne(execution, step, mount, index);
    onHeld(prepared[index]);
  }
  return prepared;
}

/** The lock that a mount waits for; "" for none. A private mount waits for nobody. */
function lockOf(mount: RunMount): string {
  return mount.type === "cache" && mount.sharing !== "private" ? cacheMountKey(mount) : "";
}

/** The same directory at another place of the step, under the lock that the step holds already. */
function again({ mounts }: PreparedMount, mount: RunMount): PreparedMount {
  const { target, readonly } = mount as Extract<RunMount, { readonly type: "cache" }>;
  const elsewhere = mounts.map((one) => ({ ...one, target, readonly })) as PreparedMount["mounts"];
  return { mounts: elsewhere, points: [{ path: target, type: "directory" }] };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

async function prepareOne(
  execution: Execution,
  { results, directory, noCache }: StepMounts,
  mount: RunMount,
  index: number,
): Promise<PreparedMount> {
  switch (mount.type) {
    case "tmpfs":
      return prepareTmpfs(mount);
    case "host":
      return prepareHost(mount);
    case "bind":
      return prepareBind(execution, mount, results[mount.input!]!, makeDirectory(join(directory, `mount-${index}`)));
    case "cache":
      return prepareCache(execution, mount, mount.input === undefined ? undefined : results[mount.input]!, noCache);
    case "secret":
      return prepareSecret(execution, mount);
    case "ssh":
      return prepareAgent(execution, mount, directory, `ssh-${index}`);
  }
}

function makeDirectory(path: string): string {
  mkdirSync(path);
  return path;
}
