// What a confined step may do and see: Docker's defaults, for every runtime alike.
// https://docs.docker.com/engine/security/ and https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md

import { readFileSync } from "node:fs";
import type { ResourceLimit, SandboxSpec } from "./runtime.js";

/** Bit numbers of capabilities(7), in the order of the kernel. */
export const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** What a confined step has; a step of another user than root has them in its bounding set only. */
export const DEFAULT_CAPABILITIES: readonly Capability[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SYS_CHROOT",
  "MKNOD",
  "AUDIT_WRITE",
  "SETFCAP",
];

/** Numbers of man 2 setrlimit, by the names that `ulimit` and Docker give them. */
export const RESOURCES = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
} as const;

export type Resource = keyof typeof RESOURCES;

/** What this process could hand on: a container or a service manager may have taken some away. */
export function availableCapabilities(status = readFileSync("/proc/self/status", "latin1")): Capability[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return CAPABILITIES.filter((_, bit) => (bounding >> BigInt(bit)) & 1n);
}

export const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
] as const;

export const READ_ONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"] as const;

/** Character devices of /dev that are made new: name, major, minor. Anybody may read and write them. */
export const DEVICES = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
] as const;

export const DEVICE_LINKS = [
  ["/proc/self/fd", "fd"],
  ["/proc/self/fd/0", "stdin"],
  ["/proc/self/fd/1", "stdout"],
  ["/proc/self/fd/2", "stderr"],
  ["/proc/kcore", "core"],
  ["pts/ptmx", "ptmx"],
] as const;

export const UMASK = 0o022;
export const SHM_BYTES = 64 * 1024 * 1024;

/** Programs that close every possible descriptor are slow with more; linkers that open thousands of files fail with fewer. */
const OPEN_FILES = { soft: 65_536, hard: 1_048_576 };

export interface OpenFileLimit {
  readonly soft: number;
  readonly hard: number;
}

/** All limits of a step: the one of open files, unless the step has another. */
export function resourceLimits({ limits = [] }: Pick<SandboxSpec, "limits">): readonly ResourceLimit[] {
  if (limits.some(({ resource }) => resource === "nofile")) return limits;
  return [{ resource: "nofile", ...openFileLimit() }, ...limits];
}

let ownLimits: string | undefined;

/** The same on every machine that allows it: Node raises its own soft limit, so the caller's cannot be told any more. */
export function openFileLimit(limits = (ownLimits ??= readFileSync("/proc/self/limits", "latin1"))): OpenFileLimit {
  const word = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  const allowed = word === undefined || word === "unlimited" ? OPEN_FILES.hard : Number(word);
  const hard = Math.min(allowed, OPEN_FILES.hard);
  return { hard, soft: Math.min(hard, OPEN_FILES.soft) };
}
