// A file or directory of this machine in every step, as the command line asks for it with --volume or --mount.

import { statSync } from "node:fs";
import { TsbuildError } from "../../errors.js";
import type { RunMount } from "../../planner/index.js";
import type { PreparedMount } from "./prepared.js";

export type HostMount = Extract<RunMount, { type: "host" }>;

export function prepareHost({ source, target, readonly }: HostMount): PreparedMount {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats) {
    throw new TsbuildError("bad_mount", `"${source}" is not on this machine, to be mounted at "${target}"`, {
      hint: "Create it, or correct the path of --volume or --mount.",
    });
  }
  return {
    mounts: [{ type: "bind", source, target, readonly }],
    points: [{ path: target, type: stats.isDirectory() ? "directory" : "file" }],
  };
}
