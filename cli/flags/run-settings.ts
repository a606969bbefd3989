// The flags that hold for every RUN step → `run` and `allow` of `build()`.

import { isIP } from "node:net";
import type { BuildOptions, CgroupLimits, Entitlement, RunSettings } from "../../index.js";
import { SNAPSHOTTERS } from "../../internal.js";
import type { FlagValues } from "./flag-values.js";
import { parseBytes, parseDuration, parseNumber } from "./quantities.js";
import { limitText } from "./resource-spec.js";
import { parseNetwork } from "./network-spec.js";
import { parseSecurity } from "./security-spec.js";
import { usageError } from "./usage-error.js";
import { splitAssignment, splitFields } from "./values.js";

/** @throws usage */
export function runSettings(flags: FlagValues): Pick<BuildOptions, "run" | "allow"> {
  const run = {
    ...sandboxSettings(flags),
    ...given({ timeout: value(flags, "run-timeout", parseDuration), retries: flags.int("run-retries") }),
  } as RunSettings;
  const allow = flags
    .list("allow")
    .flatMap((text) => splitFields(text, "--allow"))
    .map(parseEntitlement);
  return { ...(Object.keys(run).length > 0 && { run }), ...(allow.length > 0 && { allow }) };
}

/** What holds for any command in a sandbox, of a step or of `tsbuild run`. @throws usage */
export function sandboxSettings(flags: FlagValues): RunSettings {
  return given({
    addHosts: flags.list("add-host").map(parseHost),
    dns: flags.list("dns").map((address) => parseAddress(address, "--dns")),
    dnsSearch: flags.list("dns-search"),
    dnsOptions: flags.list("dns-option"),
    shmBytes: value(flags, "shm-size", parseBytes),
    ulimits: flags.list("ulimit").map(parseUlimit),
    capAdd: flags.list("cap-add").flatMap((text) => splitFields(text, "--cap-add")),
    capDrop: flags.list("cap-drop").flatMap((text) => splitFields(text, "--cap-drop")),
    limits: limitsOf(flags),
    cgroupParent: value(flags, "cgroup-parent", parseCgroup),
    snapshotter: flags.word("snapshotter", SNAPSHOTTERS),
    ...parseSecurity(flags.list("security-opt")),
    ...parseNetwork(flags.text("network")).settings,
  }) as RunSettings;
}

function parseCgroup(path: string): string {
  if (!path.split("/").includes("..")) return path;
  throw usageError(
    `--cgroup-parent "${path}": expected a path without ".."`,
    "Write it from the root of the hierarchy.",
  );
}

function limitsOf(flags: FlagValues): CgroupLimits | undefined {
  const swap = (text: string, spelling: string) => (text === "-1" ? -1 : parseBytes(text, spelling));
  const number =
    (least: number, fractions = false) =>
    (text: string, spelling: string) =>
      parseNumber(text, spelling, { least, fractions });
  const limits = given({
    memory: limit(flags, "memory", parseBytes),
    memorySwap: limit(flags, "memory-swap", swap),
    cpus: limit(flags, "cpus", number(0.01, true)),
    cpuShares: limit(flags, "cpu-shares", number(2)),
    cpuPeriod: limit(flags, "cpu-period", number(1000)),
    cpuQuota: limit(flags, "cpu-quota", number(-1)),
    cpusetCpus: limit(flags, "cpuset-cpus", parseList),
    cpusetMems: limit(flags, "cpuset-mems", parseList),
    pids: limit(flags, "pids-limit", number(-1)),
  }) as CgroupLimits;
  checkLimits(limits);
  return Object.keys(limits).length > 0 ? limits : undefined;
}

function checkLimits({ memory, memorySwap, cpus, cpuQuota }: CgroupLimits): void {
  if (memorySwap !== undefined && memorySwap >= 0 && memorySwap < (memory ?? 0))
    throw usageError("--memory-swap is memory and swap together: expected at least --memory");
  if (memorySwap !== undefined && memory === undefined) throw usageError("--memory-swap needs --memory");
  if (cpus !== undefined && cpuQuota !== undefined)
    throw usageError("--cpus and --cpu-quota are two ways to say one thing", "Leave one of them out.");
}

function limit<Value>(
  flags: FlagValues,
  name: string,
  parse: (text: string, spelling: string) => Value,
): Value | undefined {
  const text = limitText(flags, name);
  return text === undefined ? undefined : parse(text, `--${name}`);
}

function value<Value>(
  flags: FlagValues,
  name: string,
  parse: (text: string, spelling: string) => Value,
): Value | undefined {
  const text = flags.text(name);
  return text === undefined ? undefined : parse(text, `--${name}`);
}

function given<Fields extends object>(fields: Fields): Partial<Fields> {
  const isGiven = (field: unknown) => field !== undefined && !(Array.isArray(field) && field.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => isGiven(field))) as Partial<Fields>;
}

/** `db:10.0.0.5`, `db=10.0.0.5`, `db:::1`, `db:[::1]`, `here:host-gateway`. */
function parseHost(text: string) {
  const [, name, address = ""] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (!name) throw usageError(`--add-host "${text}": expected NAME:ADDRESS`);
  return {
    name,
    address: address === "host-gateway" ? address : parseAddress(address.replace(/^\[(.*)\]$/, "$1"), "--add-host"),
  };
}

function parseAddress(text: string, spelling: string): string {
  if (isIP(text) > 0) return text;
  throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected an IP address`);
}

function parseList(text: string, spelling: string): string {
  if (/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(text)) return text;
  throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected a list such as 0-2,7`);
}

const RESOURCES = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
] as const;

function parseUlimit(text: string): NonNullable<RunSettings["ulimits"]>[number] {
  const [name, values = ""] = splitAssignment(text);
  const resource = RESOURCES.find((known) => known === name);
  if (!resource) throw usageError(`--ulimit "${text}": expected one of ${RESOURCES.join(", ")}`);
  const [soft = "", hard = soft, ...rest] = values.split(":");
  if (rest.length > 0) throw usageError(`--ulimit "${text}": expected NAME=SOFT[:HARD]`);
  const [low, high] = [soft, hard].map((number) => parseNumber(number, "--ulimit", { least: -1 })) as [number, number];
  if (high >= 0 && (low < 0 || low > high))
    throw usageError(`--ulimit "${text}": the soft limit is above the hard one`);
  return { resource, soft: low, hard: high };
}

function parseEntitlement(text: string): Entitlement {
  if (text === "network.host" || text === "security.insecure" || text === "device") return text;
  if (text.startsWith("device=")) return text as Entitlement;
  throw usageError(`--allow "${text}": expected network.host, security.insecure, device or device=NAME`);
}
