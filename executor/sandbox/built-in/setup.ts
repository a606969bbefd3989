// A step as the launcher's program, in the order in which a sandbox must be made: what needs privilege or the host's
// files comes before it is given up.

import { CAPABILITIES, type Capability, DEFAULT_CAPABILITIES, RESOURCES, UMASK, resourceLimits } from "../policy.js";
import { canSetGroups, type Privilege } from "../privilege.js";
import type { OverlayDirectories, SandboxSpec } from "../runtime.js";
import { enterRoot, mountKernelOverlay, serveMounts, serveOverlay } from "./enter-root.js";
import { isolate, isolateServers } from "./isolation.js";
import { attachKernelFilesystems, makeKernelFilesystems, showHostProc } from "./kernel-mounts.js";
import * as linux from "./linux.js";
import { type Operation, attempt, encodeProgram, exec, mount, operation } from "./operation.js";
import { attachStepMounts, holdStepMounts } from "./step-mounts.js";
import { TreeSlots, create, hold } from "./trees.js";
import { ownerFilter } from "../seccomp/index.js";

export interface SetupOptions {
  readonly privilege: Privilege;
  /** The compiled filter of a confined step; empty for none. */
  readonly filter: Uint8Array;
  /** The command has the caller's streams. @default false */
  readonly terminal?: boolean;
}

export interface FirstProgram {
  readonly operations: readonly Operation[];
  readonly encoded: Buffer;
  /** Whether the launcher waits for the maps of ids. */
  readonly asks: boolean;
}

/** The program in two parts: the rest has what is the step's own. Operations are counted through both. */
export interface SandboxProgram {
  readonly first: FirstProgram;
  /** True when a next step that is like this one can have the same first part. */
  readonly isFirstAlike: boolean;
  readonly rest: readonly Operation[];
}

export function sandboxProgram(spec: SandboxSpec, options: SetupOptions): SandboxProgram {
  const { privilege, terminal = false } = options;
  const servers = serveMounts(spec, privilege);
  const isFirstAlike = servers.length === 0 && !spec.cgroups?.length && !terminal;
  const { trees, ...first } = isFirstAlike ? usualFirstPart(spec, privilege) : firstPart(spec, options, servers);
  const rest = [
    ...showHostProc(spec),
    ...openNotes(spec),
    ...holdStepMounts(spec, privilege, trees),
    ...enterRoot(spec, privilege, trees),
    ...attachKernelFilesystems(trees),
    ...attachStepMounts(spec, privilege, trees),
    ...(spec.readonlyRoot ? [mount("none", "/", "", linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY)] : []),
    ...(terminal ? [] : [operation("open /dev/null", "stdin", "/dev/null")]),
    operation(`change to ${spec.cwd}`, "chdir", spec.cwd),
    ...limit(spec, options),
    ...becomeUser(spec, privilege),
    exec(spec.args, spec.env),
  ];
  return { first, isFirstAlike, rest };
}

type FirstPart = FirstProgram & { readonly trees: TreeSlots };

function firstPart(
  spec: SandboxSpec,
  { privilege, terminal = false }: Pick<SetupOptions, "privilege" | "terminal">,
  servers: readonly Operation[],
): FirstPart {
  const trees = new TreeSlots();
  const operations = [
    ...servers,
    ...isolate(spec, privilege, { terminal, isInside: servers.length > 0 }),
    ...makeKernelFilesystems(spec, privilege, trees),
    ...limitForGood(spec),
    operation("go on", "more"),
  ];
  const asks = operations.some(({ words }) => words[0] === "sync");
  return { operations, encoded: encodeProgram(operations), asks, trees };
}

let latest: (FirstPart & { readonly key: string }) | undefined;

/** Steps of one build have the same one, so the latest is kept. */
function usualFirstPart(spec: SandboxSpec, privilege: Privilege): FirstPart {
  const { uid, gid, network, hostname, confined, shmBytes, capabilities, ownerNotes } = spec;
  const identity = privilege.kind === "root" ? [] : [privilege, uid, gid];
  const key = JSON.stringify([identity, ownerNotes !== undefined, network, hostname, confined, shmBytes, capabilities]);
  if (latest?.key !== key) latest = { ...firstPart(spec, { privilege }, []), key };
  return { ...latest, trees: new TreeSlots(latest.trees) };
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
  return [
    ...resourceLimits(spec).map(({ resource, soft, hard }) =>
      operation(`limit ${resource}`, "rlimit", RESOURCES[resource], soft, hard),
    ),
    operation("set the umask", "umask", UMASK),
    ...(spec.noNewPrivileges ? [operation("set no_new_privs", "nonewprivs")] : []),
    ...keepOwners(spec),
    ...(filter.length > 0 ? [operation("load the seccomp filter", "seccomp", filter.length, filter)] : []),
  ];
}

const openNotes = ({ ownerNotes, upper }: SandboxSpec): Operation[] =>
  ownerNotes === undefined ? [] : [operation("open the notes of owners", "notes", ownerNotes, upper)];

function keepOwners({ ownerNotes, uid, gid }: SandboxSpec): Operation[] {
  if (ownerNotes === undefined) return [];
  const filter = ownerFilter();
  return [operation("load the filter for owners", "owners", uid, gid, filter.length, filter)];
}

/** What neither the launcher needs, nor the command can ever gain. */
function limitForGood({ confined, capabilities = DEFAULT_CAPABILITIES }: SandboxSpec): Operation[] {
  return [
    ...attempt(operation("make a keyring", "keyring")),
    ...(confined ? [operation("limit capabilities", "bounding", capabilityMask(capabilities))] : []),
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
