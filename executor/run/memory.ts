// Whether the kernel killed something because memory ran out while a step was at work.
// https://docs.kernel.org/admin-guide/mm/concepts.html#oom-killer

import { readFileSync } from "node:fs";
import type { StepCgroup } from "../cgroup/index.js";

export interface MemoryWatch {
  hasRunOut(): boolean;
}

/** Without a cgroup of its own, what the whole machine counts in that time. */
export function watchMemory(cgroup: Pick<StepCgroup, "oomKills"> | undefined): MemoryWatch {
  if (cgroup) return { hasRunOut: () => cgroup.oomKills() > 0 };
  const before = machineKills();
  return { hasRunOut: () => machineKills() > before };
}

function machineKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "latin1"))?.[1] ?? 0);
}
