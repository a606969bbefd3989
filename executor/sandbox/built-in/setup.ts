// A step as the launcher's program, in the order in which a sandbox must be made: what needs privilege or the host's
// files comes before it is given up.

import { CAPABILITIES, type Capability, DEFAULT_CAPABILITIES, RESOURCES, UMASK, resourceLimits } from "../policy.js";
import { type OverlayDirectories, prepareOverlay } from "../overlay.js";
import { canSetGroups, type Privilege } from "../privilege.js";
import type { SandboxSpec } from "../runtime.js";
import { isolate } from "./isolation.js";
import { holdKernelFilesystems, mountKernelFilesystems, protectKernelPaths } from "./kernel-mounts.js";
import * as linux from "./linux.js";
import { type Operation, attempt, exec, mount, operation } from "./operation.js";
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
  return [
    ...isolate(spec, options.privilege, options.terminal),
    ...holdKernelFilesystems(spec, options.privilege, trees),
    ...holdStepMounts(spec, options.privilege, trees),
    ...enterRoot(spec, options.privilege),
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

/** Does what a machine may forbid, and then ends: for finding out whether it can make sandboxes. */
export function probeProgram(privilege: Privilege): Operation[] {
  const nobody = { uid: 0, gid: 0, network: "host", hostname: "probe" } as const;
  const trees = new TreeSlots();
  return [...isolate(nobody, privilege), hold(trees, "/", "/"), create(trees, "proc", 0)];
}

/** Mounts an overlay, and then ends. */
export function overlayProgram(privilege: Privilege, directories: OverlayDirectories): Operation[] {
  const { scratch } = directories;
  const data = prepareOverlay(directories, { userxattr: privilege.kind !== "root" });
  return [
    ...probeProgram(privilege),
    operation(`change to ${scratch}`, "chdir", scratch),
    mount("overlay", scratch, "overlay", 0, data),
  ];
}

function enterRoot(spec: SandboxSpec, privilege: Privilege): Operation[] {
  const overlay = prepareOverlay(spec, { userxattr: privilege.kind !== "root" });
  return [
    operation(`change to ${spec.scratch}`, "chdir", spec.scratch),
    {
      ...mount("overlay", spec.scratch, "overlay", spec.confined ? linux.MS_NODEV : 0, overlay),
      purpose: "mount overlay at /",
    },
    operation("change the root", "pivot", spec.scratch),
  ];
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
