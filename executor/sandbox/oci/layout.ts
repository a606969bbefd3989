// The directory of one run of an OCI runtime, below the step's scratch directory.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownerInside, type Privilege } from "../privilege.js";
import type { SandboxSpec } from "../runtime.js";
import { tmpfsOptions } from "../tmpfs.js";
import { ociConfigText } from "./config.js";
import { mountCommands } from "./mounts.js";

/** Writes the bundle, and what the script reads. @throws limit_exceeded, sandbox_unavailable */
export function layOut(spec: SandboxSpec, privilege: Privilege, id: string): void {
  for (const name of ["bundle/rootfs", "devices", "secrets"]) mkdirSync(join(spec.scratch, name), { recursive: true });
  writeFileSync(join(spec.scratch, "cgroups"), (spec.cgroups ?? []).map((path) => `${path}\n`).join(""));
  mkdirSync(join(spec.scratch, "state"), { mode: 0o700 });
  layOutTmpfs(spec);
  writeFileSync(join(spec.scratch, "bundle/config.json"), ociConfigText(spec, { privilege, cgroup: `/${id}` }));
  writeFileSync(join(spec.scratch, "mounts"), mountCommands(spec, privilege));
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

/** The values of secrets, as the script reads them: number of the mount, owner, mode and base64 on each line. */
export function secretLines(spec: SandboxSpec, privilege: Privilege): string {
  const lines = spec.mounts.flatMap((step, index) => {
    if (step.type !== "secret") return [];
    const { uid, gid } = ownerOutside(ownerInside(step, spec, privilege), privilege);
    const value = Buffer.from(step.content).toString("base64");
    return [`${index} ${uid}:${gid} ${step.mode.toString(8)} ${value}\n`];
  });
  return lines.join("");
}

/** In the script's own namespace the one id of a user is root's, whatever it is in the step's. */
function ownerOutside(owner: Pick<SandboxSpec, "uid" | "gid">, { kind }: Privilege): Pick<SandboxSpec, "uid" | "gid"> {
  return kind === "user" ? { uid: 0, gid: 0 } : owner;
}

/** What the script and the runtime wrote; empty when they wrote nothing. */
export function readResult(spec: SandboxSpec, name: "log" | "status" | "complaint" | "pid"): string {
  try {
    return readFileSync(join(spec.scratch, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
