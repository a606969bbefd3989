// Who owns a file of the store: a process, named so that another one can tell whether it lives. Costs no system call that
// Node lacks, unlike a lock, so that a build with nothing to do can afford it.

import { readFileSync, readlinkSync } from "node:fs";

/** Of processes that this one cannot see, in another pid namespace, milliseconds until they count as gone. */
const UNSEEN_LIVES = 24 * 3_600_000;

let own: string | undefined;

/** `<pid>-<start in clock ticks>-<pid namespace>` */
export function ownIdentity(): string {
  own ??= `${process.pid}-${startOf("self") ?? 0}-${pidNamespace()}`;
  return own;
}

/** @param since when it was last known to live, in milliseconds since the epoch */
export function isAlive(identity: string, since: number): boolean {
  const [pid = "", start, namespace] = identity.split("-");
  if (namespace !== pidNamespace()) return Date.now() - since < UNSEEN_LIVES;
  return /^\d+$/.test(pid) && startOf(pid) === Number(start);
}

/** The 22nd field; the second is a name in parentheses that may have blanks and parentheses in it. */
function startOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined; // gone, or not ours to see
  }
}

function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
}
