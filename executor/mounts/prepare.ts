// All mounts of a RUN: made ready in order, let go together.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RunMount, RunOp } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import { prepareDevices } from "../devices/index.js";
import { prepareBind } from "./bind.js";
import { prepareCache } from "./cache.js";
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
  const release = () => prepared.splice(0).forEach((mount) => mount.release?.());
  try {
    prepared.push(prepareDevices(step.op.devices ?? []));
    prepared.push(prepareScripts(step.op.scripts, step.directory));
    for (const [index, mount] of step.op.mounts.entries())
      prepared.push(await prepareOne(execution, step, mount, index));
    const mounts = prepared.flatMap((one) => one.mounts);
    return {
      mounts,
      points: prepared.flatMap((one) => one.points),
      env: prepared.flatMap((one) => one.env ?? []),
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

async function prepareOne(
  execution: Execution,
  { results, directory, noCache }: StepMounts,
  mount: RunMount,
  index: number,
): Promise<PreparedMount> {
  switch (mount.type) {
    case "tmpfs":
      return {
        mounts: [{ type: "tmpfs", target: mount.target, ...(mount.size !== undefined && { size: mount.size }) }],
        points: [{ path: mount.target, type: "directory" }],
      };
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
