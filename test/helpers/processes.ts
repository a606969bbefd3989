// The machine's processes, for tests that nothing is left behind.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Ids of the processes that have `word` in their command line, this one excepted. */
export function processesWith(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandLine(pid).includes(word));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

/** Waits until `condition` holds, at most `limit` milliseconds. */
export async function until(condition: () => boolean, limit = 5000): Promise<void> {
  const end = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`expected within ${limit} ms: ${condition}`);
    await setTimeout(10);
  }
}
