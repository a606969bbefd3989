// Whether the resources of steps can be limited.

import { TsbuildError } from "../../errors.js";
import { StepCgroup } from "../cgroup/index.js";
import type { Finding } from "./finding.js";

export async function limitsOf(): Promise<Finding> {
  try {
    const cgroup = StepCgroup.make({ limits: { memory: 1 << 30, pids: 1000 } });
    await cgroup?.remove();
    const reason = `cgroups can be made at ${cgroup!.directories.join(", ")}`;
    return { subject: "limits", ok: true, state: "can be set", reason };
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
    const { message: reason, hint } = error;
    const state = "--memory and its like cannot be used";
    return { subject: "limits", ok: false, state, reason, ...(hint !== undefined && { hint }) };
  }
}
