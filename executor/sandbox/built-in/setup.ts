// A step as the launcher's program, in the order in which a sandbox must be made: what needs privilege or the host's
// files comes before it is given up.

import { CAPABILITIES, type Capability, DEFAULT_CAPABILITIES, RESOURCES, UMASK, resourceLimits } from "../policy.js";
import { canSetGroups, type Privilege } from "../privilege.js";
import type { OverlayDirectories, SandboxSpec } from "../runtime.js";
import { enterRoot, mountKernelOverlay, serveMounts, serveOverlay } from "./enter-root.js";
import { isolate, isolateServers } from "./isolation.js";
import { holdKernelFilesystems, mountKernelFilesystems, protectKernelPaths } from "./kernel-mounts.js";
import { type Operation, attempt, exec, operation } from "./operation.js";
import { attachStepMounts, holdStepMounts } from "./step-mounts.js";
import { TreeSlots, create, hold } from "./trees.js";

export interface SetupOptions {
  readonly privilege: Privilege;
  /** The compiled filter of a confined step. */
  readonly filter: Uint8Array;
  /** The command has the caller's streams. @default false */
  readonly terminal?: boolean;
}

export function sandboxProgram(spec: SandboxSpec, options: SetupOptions): Operation[] {
  const trees = new TreeSlots();
  const servers = serveMounts(spec, options.privilege);
  return [
    ...servers,
    ...isolate(spec, options.privilege, { ...options, isInside: servers.length > 0 }),
    ...holdKernelFilesystems(spec, options.privilege, trees),
    ...holdStepMounts(spec, options.privilege, trees),
    ...enterRoot(spec, options.privilege, trees),
    ...mountKernelFilesystems(spec, options.privilege, trees),
    ...attachStepMounts(spec, options.privilege, trees),
    ...(options.terminal ? [] : [operation("open /dev/null", "stdin", "/dev/null")]),
    ...(spec.confined ? protectKernelPaths() : []),
    operation(`change to ${spec.cwd}`, "chdir", spec.cwd),
    ...limit(spec, options),
    ...becomeUser(spec, options.privilege),
    exec(spec.args, spec.env),
  ];
}

const NOBODY = { uid: 0, gid: 0, network: "host", hostname: "probe" } as const;

/** Does what a machine may forbid, and then ends: for finding out whether it can make sandboxes. */
export function probeProgram(privilege: Privilege): Operation[] {
  const trees = new TreeSlots();
  return [...isolate(NOBODY, privilege), hold(trees, "/", "/"), create(trees, "proc", 0)];
}

/** Mounts an overlay, and then ends. */
export function overlayProgram(
  privilege: Privilege,
  directories: OverlayDirectories,
  snapshotter: "overlay" | "fuse-overlayfs",
): Operation[] {
  if (snapshotter === "overlay") return [...probeProgram(privilege), ...mountKernelOverlay(directories, privilege)];
  return [...isolateServers(NOBODY, privilege), ...serveOverlay(directories)];
}

/** The filter allows all that follows it. It is loaded with full capabilities, because it needs CAP_SYS_ADMIN or no_new_privs. */
function limit(spec: SandboxSpec, { filter }: SetupOptions): Operation[] {
  const capabilities = spec.capabilities ?? DEFAULT_CAPABILITIES;
  return [
    ...resourceLimits(spec).map(({ resource, soft, hard }) =>
      operation(`limit ${resource}`, "rlimit", RESOURCES[resource], soft, hard),
    ),
    operation("set the umask", "umask", UMASK),
    ...attempt(operation("make a keyring", "keyring")),
    ...(spec.noNewPrivileges ? [operation("set no_new_privs", "nonewprivs")] : []),
    ...(spec.confined ? [operation("load the seccomp filter", "seccomp", filter.length, filter)] : []),
    ...(spec.confined ? [operation("limit capabilities", "bounding", capabilityMask(capabilities))] : []),
  ];
}

export function capabilityMask(names: readonly Capability[]): string {
  return `0x${names.reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n).toString(16)}`;
}

function becomeUser(spec: SandboxSpec, privilege: Privilege): Operation[] {
  const groups = operation("set groups", "groups", spec.groups.length, ...spec.groups);
  return [
    ...(canSetGroups(privilege) ? [groups] : []),
    operation(`become user ${spec.uid}:${spec.gid}`, "user", spec.uid, spec.gid),
    spec.confined
      ? operation("drop capabilities", "capabilities", capabilityMask(spec.capabilities ?? DEFAULT_CAPABILITIES))
      : operation("keep capabilities", "ambient"), // else exec takes them from all but root
  ];
}
