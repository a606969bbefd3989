// A step as the config.json of an OCI runtime, with the same policy as the built-in one.
// https://github.com/opencontainers/runtime-spec/blob/main/config.md

import { statSync } from "node:fs";
import { join } from "node:path";
import {
  DEFAULT_CAPABILITIES,
  DEVICES,
  MASKED_PATHS,
  READ_ONLY_PATHS,
  SHM_BYTES,
  UMASK,
  availableCapabilities,
  resourceLimits,
} from "../policy.js";
import { canSetGroups, hasGroup, type Privilege } from "../privilege.js";
import { HOOKS, type SandboxHook, type SandboxMount, type SandboxSpec } from "../runtime.js";
import { stepProfile } from "../seccomp/index.js";
import { remountWithoutDevices } from "./mounts.js";

interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciConfigOptions {
  readonly privilege: Privilege;
  /** The container's own cgroup, below the root of the hierarchy. */
  readonly cgroup: string;
}

/** The text of config.json. "No limit" is a number that JSON.stringify cannot write. */
export function ociConfigText(spec: SandboxSpec, options: OciConfigOptions): string {
  return JSON.stringify(ociConfig(spec, options)).replace(
    /("(?:soft|hard)":)-1\b/g,
    (_, key: string) => `${key}18446744073709551615`,
  );
}

export function ociConfig(spec: SandboxSpec, { privilege, cgroup }: OciConfigOptions): object {
  const isRoot = privilege.kind === "root";
  const seccomp = stepProfile(spec);
  return {
    ociVersion: "1.0.2",
    process: ociProcess(spec, privilege),
    root: { path: "rootfs", readonly: spec.readonlyRoot ?? false },
    hostname: spec.hostname,
    mounts: [...kernelMounts(spec, privilege), ...stepMounts(spec)],
    hooks: ociHooks(spec, privilege),
    linux: {
      namespaces: namespaces(spec, privilege).map((type) => ({ type })),
      ...(isAnotherUser(spec, privilege) && idMappings(spec)),
      ...(isRoot && { cgroupsPath: cgroup, resources: { devices: allowedDevices(spec) } }),
      maskedPaths: spec.confined ? MASKED_PATHS : [],
      readonlyPaths: spec.confined ? READ_ONLY_PATHS : [],
      ...(seccomp && { seccomp }),
    },
  };
}

function ociHooks(spec: SandboxSpec, privilege: Privilege): object {
  const { hooks = [], confined, scratch } = spec;
  const own = confined && !isAnotherUser(spec, privilege) ? [forbidDevices(scratch)] : [];
  const all = [...hooks, ...own].map(({ hookName, ...hook }) => [hookName, hook] as const);
  return Object.fromEntries(HOOKS.map((name) => [name, all.flatMap(([each, hook]) => (each === name ? [hook] : []))]));
}

/** For runtimes that guard devices with a cgroup. A user namespace has none to guard them with, and no devices but the bound ones. */
const allowedDevices = (spec: SandboxSpec): object[] => [
  { allow: !spec.confined, access: "rwm" },
  ...spec.mounts.flatMap(allowDevice),
];

/** A user with one id, which is root's in the namespace of the script, and another one in the step's. */
export const isAnotherUser = ({ uid, gid }: SandboxSpec, { kind }: Privilege): boolean =>
  kind === "user" && (uid !== 0 || gid !== 0);

const idMappings = ({ uid, gid }: SandboxSpec): object => ({
  uidMappings: [{ containerID: uid, hostID: 0, size: 1 }],
  gidMappings: [{ containerID: gid, hostID: 0, size: 1 }],
});

function ociProcess(spec: SandboxSpec, privilege: Privilege): object {
  const groups = canSetGroups(privilege) ? { additionalGids: spec.groups } : {};
  return {
    terminal: false,
    user: { uid: spec.uid, gid: spec.gid, ...groups, umask: UMASK },
    args: spec.args,
    env: spec.env,
    cwd: spec.cwd,
    capabilities: capabilities(spec),
    rlimits: resourceLimits(spec).map(({ resource, soft, hard }) => ({
      type: `RLIMIT_${resource.toUpperCase()}`,
      soft,
      hard,
    })),
    noNewPrivileges: spec.noNewPrivileges,
  };
}

/** An insecure step has all that can be had, in all sets, whatever its user. */
function capabilities({ confined, capabilities: own = DEFAULT_CAPABILITIES }: SandboxSpec): object {
  const names = (confined ? own : availableCapabilities()).map((name) => `CAP_${name}`);
  const inherited = confined ? [] : names;
  return { bounding: names, effective: names, permitted: names, inheritable: inherited, ambient: inherited };
}

function namespaces(spec: SandboxSpec, privilege: Privilege): string[] {
  const network = spec.network === "none" ? ["network"] : [];
  return ["pid", "mount", "ipc", "uts", "cgroup", ...network, ...(isAnotherUser(spec, privilege) ? ["user"] : [])];
}

function kernelMounts(
  { confined, scratch, network, shmBytes = SHM_BYTES }: SandboxSpec,
  privilege: Privilege,
): OciMount[] {
  const safe = ["nosuid", "noexec", "nodev"];
  const readOnly = confined ? ["ro"] : [];
  const group = hasGroup(privilege, TERMINALS_GROUP) ? [`gid=${TERMINALS_GROUP}`] : [];
  const terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...group];
  const isShared = privilege.kind !== "root" && network === "host"; // then a new sysfs may not be mounted
  return [
    mount("proc", "/proc", safe),
    mount("tmpfs", "/dev", ["nosuid", ...(confined ? ["nodev"] : []), "strictatime", "mode=755", "size=65536k"]),
    ...(privilege.kind === "root" ? DEVICES.map(([name]) => device(name, scratch)) : []),
    mount("devpts", "/dev/pts", terminals),
    mount("tmpfs", "/dev/shm", [...safe, "mode=1777", `size=${shmBytes}`], "shm"),
    mount("mqueue", "/dev/mqueue", safe),
    isShared
      ? mount("bind", "/sys", ["rbind", ...safe, ...readOnly], "/sys")
      : mount("sysfs", "/sys", [...safe, ...readOnly]),
    mount("cgroup", "/sys/fs/cgroup", [...safe, "relatime", ...readOnly]),
  ];
}

const mount = (type: string, destination: string, options: readonly string[], source = type): OciMount => ({
  destination,
  type,
  source,
  options,
});

/**
 * A device that is its own mount point, from the directory that the script makes. So /dev itself can be `nodev`: the step may
 * make other nodes with mknod, as images need, but it cannot open them, even where no device cgroup forbids it.
 */
function device(name: string, scratch: string): OciMount {
  return mount("bind", `/dev/${name}`, ["bind", "nosuid", "noexec"], join(scratch, "devices", name));
}

function stepMounts(spec: SandboxSpec): OciMount[] {
  const nodev = spec.confined ? ["nodev"] : [];
  const bind = (source: string, target: string, options: readonly string[], device = false): OciMount =>
    mount("bind", target, ["rbind", ...options, ...(device ? [] : nodev)], source);
  return [
    bind(spec.hosts, "/etc/hosts", ["ro"]),
    bind(spec.resolvConf, "/etc/resolv.conf", ["ro"]),
    ...spec.mounts.map((step, index) => {
      if (step.type === "bind") return bind(step.source, step.target, [step.readonly ? "ro" : "rw"], step.device);
      if (step.type === "secret") return bind(secretFile(spec, index), step.target, ["ro", "nosuid", "noexec"]);
      if (step.type === "overlay")
        return bind(join(step.scratch, "root", step.source), step.target, [step.readonly ? "ro" : "rw"]);
      return bind(join(spec.scratch, "tmpfs", String(index)), step.target, ["rw", "nosuid"]);
    }),
  ];
}

function allowDevice(step: SandboxMount): object[] {
  if (step.type !== "bind" || !step.device) return [];
  const stats = statSync(step.source);
  const [major, minor] = numbersOf(stats.rdev);
  return [{ allow: true, type: stats.isBlockDevice() ? "b" : "c", major, minor, access: "rwm" }];
}

/** man 3 makedev; numbers of 32 bits are all that Linux has. */
const numbersOf = (device: number): [major: number, minor: number] => [
  (device >> 8) & 0xfff,
  (device & 0xff) | ((device >> 12) & 0xfff00),
];

const TERMINALS_GROUP = 5;

/** Where the script writes the secret that is the mount number `index`. */
const secretFile = ({ scratch }: SandboxSpec, index: number): string => join(scratch, "secrets", String(index));

/**
 * Some runtimes mount the root anew, without the flags that it had, which they cannot in a user namespace of the step's own. The
 * hook reads the state that it is written, as it must.
 */
function forbidDevices(scratch: string): SandboxHook {
  const args = ["sh", "-c", `read -r state; exec ${remountWithoutDevices('"$0"')}`, join(scratch, "bundle/rootfs")];
  return { hookName: "createContainer", path: "/bin/sh", args, env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] };
}
