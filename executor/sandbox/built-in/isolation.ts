// The first operations of a step: new namespaces, and the identity of the user in them.

import type { Privilege } from "../privilege.js";
import type { SandboxSpec } from "../runtime.js";
import * as linux from "./linux.js";
import { type Operation, mount, operation } from "./operation.js";

const ALWAYS = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS;

/** The part of a step that this file needs. */
type Isolated = Pick<SandboxSpec, "uid" | "gid" | "network" | "hostname" | "cgroups">;

/** @param terminal the command has the caller's streams */
export function isolate(spec: Isolated, privilege: Privilege, terminal = false): Operation[] {
  return [
    ...(terminal ? [] : [operation("make pipes", "pipes")]),
    ...(spec.cgroups ?? []).map((path) => operation(`know of ${path}`, "cgroup", path)),
    operation("make namespaces", "clone", cloneFlags(spec, privilege)),
    ...mapIdentity(spec, privilege),
    ...(spec.cgroups ?? []).map((path) => write(`${path}/cgroup.procs`, "0")),
    operation("make a cgroup namespace", "unshare", linux.CLONE_NEWCGROUP),
    mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE),
    operation(`set the host name to ${spec.hostname}`, "hostname", spec.hostname),
    ...(spec.network === "none" ? [operation("bring up the loopback interface", "loopback")] : []),
  ];
}

function cloneFlags(spec: Isolated, privilege: Privilege): number {
  const network = spec.network === "none" ? linux.CLONE_NEWNET : 0;
  const user = privilege.kind === "user" ? linux.CLONE_NEWUSER : 0;
  return ALWAYS | network | user;
}

/** With one id only, it is the step's: an unprivileged user may map no more, and the kernel wants setgroups denied for it. */
function mapIdentity(spec: Isolated, privilege: Privilege): Operation[] {
  if (privilege.kind !== "user") return [];
  if (privilege.maps) return [operation("wait for the maps of user and group ids", "sync")];
  return [
    write("/proc/self/setgroups", "deny"),
    write("/proc/self/uid_map", `${spec.uid} ${privilege.uid} 1`),
    write("/proc/self/gid_map", `${spec.gid} ${privilege.gid} 1`),
  ];
}

const write = (path: string, text: string): Operation => operation(`write ${path}`, "write", path, text);
