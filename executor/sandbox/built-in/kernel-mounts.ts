// /proc, /sys, /dev and /sys/fs/cgroup of a step.
// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-filesystems

import { DEVICE_LINKS, DEVICES, MASKED_PATHS, READ_ONLY_PATHS, SHM_BYTES } from "../policy.js";
import { hasGroup, type Privilege } from "../privilege.js";
import type { SandboxSpec } from "../runtime.js";
import * as linux from "./linux.js";
import { type Operation, attempt, mount, operation } from "./operation.js";
import { type TreeSlots, attach, create, hold } from "./trees.js";

const TERMINALS_GROUP = 5;
const SAFE = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC;

const SAFE_ATTRIBUTES = linux.ATTRIBUTE_NOSUID | linux.ATTRIBUTE_NODEV | linux.ATTRIBUTE_NOEXEC;

/** What must be taken hold of while the host's file systems can be seen. */
export function holdKernelFilesystems(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const devices = privilege.kind === "root" ? [] : DEVICES.map(([name]) => `/dev/${name}`); // where they cannot be made
  return [
    create(trees, "proc", SAFE_ATTRIBUTES),
    sysfs(spec, privilege, trees),
    ...devices.map((path) => hold(trees, path, path)),
  ];
}

/** A user namespace may mount sysfs only together with a network namespace of its own; else it sees the host's. */
function sysfs(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation {
  if (privilege.kind !== "root" && spec.network === "host") return hold(trees, "sysfs", "/sys");
  return create(trees, "sysfs", SAFE_ATTRIBUTES);
}

export function mountKernelFilesystems(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const readOnly = spec.confined ? linux.MS_RDONLY : 0;
  return [
    attach(trees, "proc", "/proc", 0),
    attach(trees, "sysfs", "/sys", spec.confined ? linux.ATTRIBUTE_RDONLY : 0),
    ...attempt(mount("cgroup", "/sys/fs/cgroup", "cgroup2", SAFE | readOnly)),
    ...devices(spec, privilege, trees),
  ];
}

function devices(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const terminals = hasGroup(privilege, TERMINALS_GROUP) ? `,gid=${TERMINALS_GROUP}` : "";
  return [
    mount("tmpfs", "/dev", "tmpfs", linux.MS_NOSUID | linux.MS_STRICTATIME, "mode=755,size=65536k"),
    ...DEVICES.flatMap((device) => (privilege.kind === "root" ? newDevice(device, trees) : hostDevice(device, trees))),
    ...(spec.confined ? [forbidOtherDevices()] : []),
    ...DEVICE_LINKS.map(([target, name]) => operation(`make /dev/${name}`, "symlink", target, `/dev/${name}`)),
    ...["pts", "shm", "mqueue"].map((name) => operation(`make /dev/${name}`, "mkdir", `/dev/${name}`, 0o755)),
    mount(
      "devpts",
      "/dev/pts",
      "devpts",
      linux.MS_NOSUID | linux.MS_NOEXEC,
      `newinstance,ptmxmode=0666,mode=0620${terminals}`,
    ),
    mount("shm", "/dev/shm", "tmpfs", SAFE, `mode=1777,size=${spec.shmBytes ?? SHM_BYTES}`),
    mount("mqueue", "/dev/mqueue", "mqueue", SAFE),
  ];
}

/**
 * A device that is its own mount point. The step may make other nodes with mknod, as images need, but it cannot open
 * them: every mount around it is `nodev`.
 */
function newDevice([name, major, minor]: (typeof DEVICES)[number], trees: TreeSlots): Operation[] {
  const path = `/dev/${name}`;
  const purpose = `make ${path}`;
  return [
    operation(purpose, "mknod", path, linux.S_IFCHR | 0o666, major, minor),
    operation(purpose, "tree", trees.add(path), path),
    attach(trees, path, path, 0),
  ];
}

function hostDevice([name]: (typeof DEVICES)[number], trees: TreeSlots): Operation[] {
  const path = `/dev/${name}`;
  return [operation(`make ${path}`, "mknod", path, linux.S_IFREG | 0o644, 0, 0), attach(trees, path, path, 0)];
}

const forbidOtherDevices = (): Operation =>
  mount("none", "/dev", "", linux.MS_REMOUNT | linux.MS_BIND | linux.MS_NODEV | linux.MS_NOSUID | linux.MS_STRICTATIME);

/** What of /proc and /sys a confined step sees empty or cannot write. */
export function protectKernelPaths(): Operation[] {
  return [
    ...READ_ONLY_PATHS.map((path) => operation(`make ${path} read-only`, "readonly", path)),
    ...MASKED_PATHS.map((path) => operation(`hide ${path}`, "mask", path)),
  ];
}
