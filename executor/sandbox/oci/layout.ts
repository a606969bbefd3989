// The directory of one run of an OCI runtime, below the step's scratch directory.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareOverlay } from "../overlay.js";
import type { SandboxSpec } from "../runtime.js";
import { ociConfig } from "./config.js";

/** Writes the bundle, and returns the options of the overlay that is mounted at `bundle/rootfs`. */
export function layOut(spec: SandboxSpec, id: string): string {
  mkdirSync(join(spec.scratch, "bundle/rootfs"), { recursive: true });
  mkdirSync(join(spec.scratch, "devices"));
  mkdirSync(join(spec.scratch, "state"), { mode: 0o700 });
  writeFileSync(join(spec.scratch, "bundle/config.json"), JSON.stringify(ociConfig(spec, { cgroup: `/${id}` })));
  const overlay = prepareOverlay(spec, { userxattr: false });
  return spec.confined ? `nodev,${overlay}` : overlay;
}

/** What the script and the runtime wrote; empty when they wrote nothing. */
export function readResult(spec: SandboxSpec, name: "log" | "status" | "complaint"): string {
  try {
    return readFileSync(join(spec.scratch, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
