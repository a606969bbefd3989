// What a step may use, as the files of cgroup controllers.
// https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/

export interface CgroupLimits {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of memory and swap together; -1 for no limit. @default twice the memory, where swap is counted */
  readonly memorySwap?: number;
  /** Processors: 1.5 is one and a half. */
  readonly cpus?: number;
  /** Weight against others; 1024 is usual. */
  readonly cpuShares?: number;
  /** Microseconds in each period. */
  readonly cpuQuota?: number;
  /** Microseconds. @default 100000 */
  readonly cpuPeriod?: number;
  /** `0-2,7` */
  readonly cpusetCpus?: string;
  /** `0,1` */
  readonly cpusetMems?: string;
  readonly pids?: number;
}

export type Controller = "memory" | "cpu" | "cpuset" | "pids";
export type Version = 1 | 2;

export interface Setting {
  readonly controller: Controller;
  readonly file: string;
  readonly value: string;
  /** The flag that asks for it; absent for what nobody asked for, which may fail. */
  readonly flag?: string;
}

const PERIOD = 100_000;

/** The files to write, in order. */
export function settingsOf(limits: CgroupLimits, version: Version): Setting[] {
  return version === 2 ? unified(limits) : legacy(limits);
}

export function controllersOf(limits: CgroupLimits): Controller[] {
  return [...new Set(unified(limits).map(({ controller }) => controller))];
}

function unified(limits: CgroupLimits): Setting[] {
  const { memory, memorySwap, cpuShares, pids } = limits;
  const cpu = bandwidth(limits);
  return [
    ...when(memory, (bytes) => setting("memory", "memory.max", bytes, "--memory")),
    ...swap(limits, (bytes) =>
      setting(
        "memory",
        "memory.swap.max",
        bytes < 0 ? "max" : bytes - (memory ?? 0),
        memorySwap === undefined ? undefined : "--memory-swap",
      ),
    ),
    ...when(cpu, ({ quota, period, flag }) =>
      setting("cpu", "cpu.max", `${quota < 0 ? "max" : quota} ${period}`, flag),
    ),
    ...when(cpuShares, (shares) => setting("cpu", "cpu.weight", weightOf(shares), "--cpu-shares")),
    ...cpuset(limits),
    ...when(pids, (count) => setting("pids", "pids.max", count < 0 ? "max" : count, "--pids-limit")),
  ];
}

function legacy(limits: CgroupLimits): Setting[] {
  const { memory, memorySwap, cpuShares, pids } = limits;
  const cpu = bandwidth(limits);
  return [
    ...when(memory, (bytes) => setting("memory", "memory.limit_in_bytes", bytes, "--memory")),
    ...swap(limits, (bytes) =>
      setting("memory", "memory.memsw.limit_in_bytes", bytes, memorySwap === undefined ? undefined : "--memory-swap"),
    ),
    ...when(cpu, ({ period, flag }) => setting("cpu", "cpu.cfs_period_us", period, flag)),
    ...when(cpu, ({ quota, flag }) => setting("cpu", "cpu.cfs_quota_us", quota, flag)),
    ...when(cpuShares, (shares) => setting("cpu", "cpu.shares", shares, "--cpu-shares")),
    ...cpuset(limits),
    ...when(pids, (count) => setting("pids", "pids.max", count < 0 ? "max" : count, "--pids-limit")),
  ];
}

function setting(controller: Controller, file: string, value: string | number, flag: string | undefined): Setting {
  return { controller, file, value: String(value), ...(flag !== undefined && { flag }) };
}

function when<Value>(value: Value | undefined, make: (value: Value) => Setting): Setting[] {
  return value === undefined ? [] : [make(value)];
}

/** With memory alone, Docker gives as much swap again. */
function swap({ memory, memorySwap }: CgroupLimits, make: (bytes: number) => Setting): Setting[] {
  if (memorySwap !== undefined) return [make(memorySwap)];
  return memory === undefined ? [] : [make(memory * 2)];
}

function bandwidth({ cpus, cpuQuota, cpuPeriod }: CgroupLimits) {
  const period = cpuPeriod ?? PERIOD;
  if (cpus !== undefined) return { quota: Math.round(cpus * period), period, flag: "--cpus" };
  if (cpuQuota !== undefined) return { quota: cpuQuota, period, flag: "--cpu-quota" };
  return cpuPeriod === undefined ? undefined : { quota: -1, period, flag: "--cpu-period" };
}

function cpuset({ cpusetCpus, cpusetMems }: CgroupLimits): Setting[] {
  return [
    ...when(cpusetCpus, (list) => setting("cpuset", "cpuset.cpus", list, "--cpuset-cpus")),
    ...when(cpusetMems, (list) => setting("cpuset", "cpuset.mems", list, "--cpuset-mems")),
  ];
}

/** Shares are 2 to 262144, weights 1 to 10000: the runtimes' linear map from one to the other. */
function weightOf(shares: number): number {
  const bounded = Math.min(262_144, Math.max(2, shares));
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}
