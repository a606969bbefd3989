// The first operations of a step: new namespaces, and the identity of the user in them.

import type { Privilege } from "../privilege.js";
import type { SandboxSpec } from "../runtime.js";
import * as linux from "./linux.js";
import { type Operation, mount, operation } from "./operation.js";

const ALWAYS = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS;

/** The part of a step that this file needs. */
type Isolated = Pick<SandboxSpec, "uid" | "gid" | "network" | "hostname" | "cgroups" | "ownerNotes">;

export interface IsolateOptions {
  /** The command has the caller's streams. @default false */
  readonly terminal?: boolean;
  /** The user namespace is there already: see `holdMounts`. @default false */
  readonly isInside?: boolean;
}

export function isolate(spec: Isolated, privilege: Privilege, options: IsolateOptions = {}): Operation[] {
  const { terminal = false, isInside = false } = options;
  const isMapped = !isInside || isOther(spec, privilege);
  return [
    ...(terminal ? [] : [operation("make pipes", "pipes")]),
    ...(isInside ? [] : knowCgroups(spec)),
    ...(spec.ownerNotes === undefined ? [] : [operation("make a socket for the keeper of owners", "keeper")]),
    operation("make namespaces", "clone", ALWAYS | networkFlag(spec) | (isMapped ? userFlag(privilege) : 0)),
    ...(isMapped ? mapIdentity(spec, isInside ? INSIDE : privilege) : []),
    ...(spec.cgroups ?? []).map((path) => write(`${path}/cgroup.procs`, "0")),
    operation("make a cgroup namespace", "unshare", linux.CLONE_NEWCGROUP),
    mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE),
    operation(`set the host name to ${spec.hostname}`, "hostname", spec.hostname),
    ...(spec.network === "none" ? [operation("bring up the loopback interface", "loopback")] : []),
  ];
}

/**
 * A process between the launcher and the step, with namespaces of its own: mounts are made there by programs that go on
 * serving them, which the step does not see, and which end with it.
 */
export function isolateServers(spec: Isolated, privilege: Privilege): Operation[] {
  return [
    ...knowCgroups(spec),
    operation("make namespaces", "clone", linux.CLONE_NEWNS | linux.CLONE_NEWPID | userFlag(privilege)),
    ...mapIdentity({ uid: 0, gid: 0 }, privilege), // libfuse mounts itself when it is root
    mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE),
    mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC),
  ];
}

/** What a user with one id is where `isolateServers` has been. */
const INSIDE = { kind: "user", uid: 0, gid: 0 } as const;

/** Whether the step's user is not who the user with one id is there. */
const isOther = ({ uid, gid }: Isolated, privilege: Privilege): boolean =>
  privilege.kind === "user" && !privilege.maps && (uid !== 0 || gid !== 0);

const knowCgroups = ({ cgroups = [] }: Isolated): Operation[] =>
  cgroups.map((path) => operation(`know of ${path}`, "cgroup", path));

const networkFlag = ({ network }: Isolated): number => (network === "none" ? linux.CLONE_NEWNET : 0);

const userFlag = ({ kind }: Privilege): number => (kind === "user" ? linux.CLONE_NEWUSER : 0);

/** With one id only, it is the step's: an unprivileged user may map no more, and the kernel wants setgroups denied for it. */
function mapIdentity(spec: Pick<SandboxSpec, "uid" | "gid">, privilege: Privilege): Operation[] {
  if (privilege.kind !== "user") return [];
  if (privilege.maps) return [operation("wait for the maps of user and group ids", "sync")];
  return [
    write("/proc/self/setgroups", "deny"),
    write("/proc/self/uid_map", `${spec.uid} ${privilege.uid} 1`),
    write("/proc/self/gid_map", `${spec.gid} ${privilege.gid} 1`),
  ];
}

const write = (path: string, text: string): Operation => operation(`write ${path}`, "write", path, text);
