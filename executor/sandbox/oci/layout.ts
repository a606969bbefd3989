// The directory of one run of an OCI runtime, below the step's scratch directory.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareOverlay } from "../overlay.js";
import type { SandboxSpec } from "../runtime.js";
import { tmpfsOptions } from "../tmpfs.js";
import { ociConfigText } from "./config.js";

/** Writes the bundle, and returns the options of the overlay that is mounted at `bundle/rootfs`. */
export function layOut(spec: SandboxSpec, id: string): string {
  mkdirSync(join(spec.scratch, "bundle/rootfs"), { recursive: true });
  mkdirSync(join(spec.scratch, "devices"));
  mkdirSync(join(spec.scratch, "secrets"));
  writeFileSync(join(spec.scratch, "cgroups"), (spec.cgroups ?? []).map((path) => `${path}\n`).join(""));
  mkdirSync(join(spec.scratch, "state"), { mode: 0o700 });
  layOutTmpfs(spec);
  layOutOverlays(spec);
  writeFileSync(join(spec.scratch, "bundle/config.json"), ociConfigText(spec, { cgroup: `/${id}` }));
  const overlay = prepareOverlay(spec, { userxattr: false });
  return spec.confined ? `nodev,${overlay}` : overlay;
}

/** runc gives a tmpfs the mode of its mount point, so the script mounts them and the bundle binds them. */
function layOutTmpfs({ mounts, scratch }: SandboxSpec): void {
  mkdirSync(join(scratch, "tmpfs"));
  const lines = mounts.flatMap((step, index) => {
    if (step.type !== "tmpfs") return [];
    mkdirSync(join(scratch, "tmpfs", String(index)));
    return [`${index} nosuid,nodev,${tmpfsOptions(step)}\n`];
  });
  writeFileSync(join(scratch, "tmpfs/list"), lines.join(""));
}

function layOutOverlays({ mounts, scratch }: SandboxSpec): void {
  const lines = mounts.flatMap((step) => {
    if (step.type !== "overlay") return [];
    mkdirSync(join(step.scratch, "root"));
    return [`nodev,${prepareOverlay(step, { userxattr: false })} ${step.scratch}\n`];
  });
  writeFileSync(join(scratch, "overlays"), lines.join(""));
}

/** The values of secrets, as the script reads them: number of the mount, owner, mode and base64 on each line. */
export function secretLines({ mounts }: SandboxSpec): string {
  const lines = mounts.flatMap((step, index) => {
    if (step.type !== "secret") return [];
    const value = Buffer.from(step.content).toString("base64");
    return [`${index} ${step.uid}:${step.gid} ${step.mode.toString(8)} ${value}\n`];
  });
  return lines.join("");
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
