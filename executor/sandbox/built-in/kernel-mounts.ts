// /proc, /sys, /dev and /sys/fs/cgroup of a step.
// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-filesystems

import { realpathSync } from "node:fs";
import { DEVICE_LINKS, DEVICES, MASKED_PATHS, READ_ONLY_PATHS, SHM_BYTES } from "../policy.js";
import { hasGroup, type Privilege } from "../privilege.js";
import type { SandboxSpec } from "../runtime.js";
import * as linux from "./linux.js";
import { type Operation, attempt, mount, operation } from "./operation.js";
import { type TreeSlots, attach, create, hold } from "./trees.js";

const TERMINALS_GROUP = 5;
const SAFE = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC;

const SAFE_ATTRIBUTES = linux.ATTRIBUTE_NOSUID | linux.ATTRIBUTE_NODEV | linux.ATTRIBUTE_NOEXEC;

/**
 * Where they are made before the step has a root: in place of the machine's own /proc, which no path of the store leads to. It stays
 * there until the root changes: to unmount it takes as long as all the rest.
 */
const STAGE = "/proc";
const NAMES = ["proc", "sys", "dev"] as const;

/** They are the same for all steps, so they are made before anything of the step is touched, and held. */
export function makeKernelFilesystems(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const hostDevices =
    privilege.kind === "root" ? [] : DEVICES.map(([name]) => hold(trees, `/dev/${name}`, `/dev/${name}`));
  return [
    create(trees, "proc", SAFE_ATTRIBUTES),
    sysfs(spec, privilege, trees),
    ...hostDevices, // where they cannot be made
    mount("tmpfs", STAGE, "tmpfs", SAFE, "mode=700"),
    ...NAMES.map((name) => operation(`make ${STAGE}/${name}`, "mkdir", `${STAGE}/${name}`, 0o755)),
    ...mountKernelFilesystems(spec, privilege, trees),
    ...(spec.confined ? protectKernelPaths() : []),
    ...NAMES.map((name) => hold(trees, `/${name}`, `${STAGE}/${name}`)),
  ];
}

/** For mounts of the machine's own files: its /proc again, if one of them is there. */
export function showHostProc({ mounts }: SandboxSpec): Operation[] {
  const sources = mounts.flatMap((mount) => (mount.type === "bind" ? [realPath(mount.source)] : []));
  const isNeeded = sources.some((source) => source === "/" || `${source}/`.startsWith(`${STAGE}/`));
  return isNeeded ? [operation(`show ${STAGE}`, "umount", STAGE)] : [];
}

export const attachKernelFilesystems = (trees: TreeSlots): Operation[] =>
  NAMES.map((name) => attach(trees, `/${name}`, `/${name}`, 0));

/** What is not there is told of when it is to be mounted. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A user namespace may mount sysfs only together with a network namespace of its own; else it sees the host's. */
function sysfs(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation {
  if (privilege.kind !== "root" && spec.network === "host") return hold(trees, "sysfs", "/sys");
  return create(trees, "sysfs", SAFE_ATTRIBUTES);
}

function mountKernelFilesystems(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const readOnly = spec.confined ? linux.MS_RDONLY : 0;
  return [
    attach(trees, "proc", `${STAGE}/proc`, 0),
    attach(trees, "sysfs", `${STAGE}/sys`, spec.confined ? linux.ATTRIBUTE_RDONLY : 0),
    ...attempt(mount("cgroup", `${STAGE}/sys/fs/cgroup`, "cgroup2", SAFE | readOnly)),
    ...devices(spec, privilege, trees),
  ];
}

const DEV = `${STAGE}/dev`;

function devices(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const terminals = hasGroup(privilege, TERMINALS_GROUP) ? `,gid=${TERMINALS_GROUP}` : "";
  return [
    mount("tmpfs", DEV, "tmpfs", linux.MS_NOSUID | linux.MS_STRICTATIME, "mode=755,size=65536k"),
    ...DEVICES.flatMap((device) => (privilege.kind === "root" ? newDevice(device, trees) : hostDevice(device, trees))),
    ...(spec.confined ? [forbidOtherDevices()] : []),
    ...DEVICE_LINKS.map(([target, name]) => operation(`make /dev/${name}`, "symlink", target, `${DEV}/${name}`)),
    ...["pts", "shm", "mqueue"].map((name) => operation(`make /dev/${name}`, "mkdir", `${DEV}/${name}`, 0o755)),
    mount(
      "devpts",
      `${DEV}/pts`,
      "devpts",
      linux.MS_NOSUID | linux.MS_NOEXEC,
      `newinstance,ptmxmode=0666,mode=0620${terminals}`,
    ),
    mount("shm", `${DEV}/shm`, "tmpfs", SAFE, `mode=1777,size=${spec.shmBytes ?? SHM_BYTES}`),
    mount("mqueue", `${DEV}/mqueue`, "mqueue", SAFE),
  ];
}

/**
 * A device that is its own mount point. The step may make other nodes with mknod, as images need, but it cannot open
 * them: every mount around it is `nodev`.
 */
function newDevice([name, major, minor]: (typeof DEVICES)[number], trees: TreeSlots): Operation[] {
  const path = `${DEV}/${name}`;
  const purpose = `make /dev/${name}`;
  return [
    operation(purpose, "mknod", path, linux.S_IFCHR | 0o666, major, minor),
    operation(purpose, "tree", trees.add(path), path),
    attach(trees, path, path, 0),
  ];
}

function hostDevice([name]: (typeof DEVICES)[number], trees: TreeSlots): Operation[] {
  const path = `${DEV}/${name}`;
  return [
    operation(`make /dev/${name}`, "mknod", path, linux.S_IFREG | 0o644, 0, 0),
    attach(trees, `/dev/${name}`, path, 0),
  ];
}

const forbidOtherDevices = (): Operation =>
  mount("none", DEV, "", linux.MS_REMOUNT | linux.MS_BIND | linux.MS_NODEV | linux.MS_NOSUID | linux.MS_STRICTATIME);

/** What of /proc and /sys a confined step sees empty or cannot write. */
function protectKernelPaths(): Operation[] {
  return [
    ...READ_ONLY_PATHS.map((path) => operation(`make ${path} read-only`, "readonly", `${STAGE}${path}`)),
    ...MASKED_PATHS.map((path) => operation(`hide ${path}`, "mask", `${STAGE}${path}`, `${DEV}/null`)),
  ];
}
