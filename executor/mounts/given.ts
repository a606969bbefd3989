// Mounts that a command line gives to one command, outside of any build.

import type { RunMount } from "../../planner/index.js";
import { prepareHost } from "./host.js";
import type { PreparedMount } from "./prepared.js";

/** Those that need nothing of a build. */
export type GivenMount = Extract<RunMount, { type: "host" | "tmpfs" }>;

/** @throws bad_mount when this machine has no such file or directory */
export function prepareGiven(mounts: readonly GivenMount[]): Pick<PreparedMount, "mounts" | "points"> {
  const prepared = mounts.map((mount) => (mount.type === "host" ? prepareHost(mount) : prepareTmpfs(mount)));
  return { mounts: prepared.flatMap((one) => one.mounts), points: prepared.flatMap((one) => one.points) };
}

export function prepareTmpfs(mount: Extract<RunMount, { type: "tmpfs" }>): PreparedMount {
  return { mounts: [mount], points: [{ path: mount.target, type: "directory" }] };
}
