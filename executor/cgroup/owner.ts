// Names of cgroups say which process they belong to, so that a later build can remove those of builds that were killed.

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { removeDirectories } from "../../filesystem/index.js";
import { readHierarchies } from "./hierarchies.js";

interface Owner {
  /** Of its pid namespace: a pid means nothing in another. */
  readonly namespace: string;
  readonly pid: string;
  /** Clock ticks since the machine started: pids are used again. man 5 proc (/proc/pid/stat) */
  readonly start: string;
}

const NAME = /^tsbuild-(\d+)-(\d+)-(\d+)-[0-9a-f]{12}$/;

/** A new name, of this process: `tsbuild-NAMESPACE-PID-START-RANDOM`. */
export function ownedName(): string {
  const { namespace, pid, start } = self();
  return `tsbuild-${namespace}-${pid}-${start}-${randomBytes(6).toString("hex")}`;
}

/** Removes the cgroups below `parent` whose processes are gone. Those of other pid namespaces stay: nobody here can tell. */
export function removeDead(parent: string): void {
  for (const name of readdirSync(parent)) if (isDead(name)) removeDirectories(join(parent, name));
}

/** Removes what OCI runtimes that were killed left at the top of the unified hierarchy. */
export function removeDeadOfRuntimes(): void {
  for (const { version, mount } of readHierarchies()) if (version === 2) removeDead(mount);
}

function isDead(name: string): boolean {
  const [, namespace, pid, start] = NAME.exec(name) ?? [];
  return pid !== undefined && namespace === self().namespace && startOf(pid) !== start;
}

/** /proc may be of a pid namespace that is not this process's own, so its link says the pid. */
function self(): Owner {
  const pid = readlinkSync("/proc/self");
  const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))![0];
  return { namespace, pid, start: startOf(pid)! };
}

/** Undefined when there is no such process. */
function startOf(pid: string): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[19];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
