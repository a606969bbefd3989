// Heredocs that begin with `#!` are files below /dev/pipes (S-033).

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOp } from "../../planner/index.js";
import type { PreparedMount } from "./prepared.js";

/** The mount points are below /dev, where the runtime makes them. */
export function prepareScripts(scripts: RunOp["scripts"], directory: string): PreparedMount {
  const mounts = scripts.map(({ name, content }, index) => {
    const source = join(directory, `script-${index}`);
    writeFileSync(source, content);
    chmodSync(source, 0o755);
    return { type: "bind", source, target: `/dev/pipes/${name}`, readonly: true } as const;
  });
  return { mounts, points: [] };
}
