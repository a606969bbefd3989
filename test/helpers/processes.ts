// The machine's processes, for tests that nothing is left behind.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Ids of the processes that have `word` in their command line, this one excepted. */
export function processesWith(word: string): number[] {
  return processes().filter((pid) => pid !== process.pid && readProc(pid, "cmdline").includes(word));
}

/** Ids of the processes that `root` started, and of those that they started. */
export function descendants(root: number): number[] {
  const parents = new Map(processes().map((pid) => [pid, Number(/\) \S (\d+) /.exec(readProc(pid, "stat"))?.[1])]));
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (parents.get(pid) === root || isBelow(parents.get(pid)));
  return [...parents.keys()].filter(isBelow);
}

export const processes = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Empty when the process has ended. */
export function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
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
