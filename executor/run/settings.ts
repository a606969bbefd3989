// What the user sets for all RUN steps of a build, beside what the Dockerfile says.

import { TsbuildError } from "../../errors.js";
import type { NetworkMode } from "../../planner/index.js";
import type { CgroupLimits } from "../cgroup/index.js";
import {
  availableCapabilities,
  CAPABILITIES,
  type Capability,
  DEFAULT_CAPABILITIES,
  type DnsSettings,
  type ExtraHost,
  type ResourceLimit,
  type SeccompChoice,
  seccompDigest,
  type SnapshotterName,
} from "../sandbox/index.js";

export interface RunSettings {
  /** The name of the machine that steps see. @default buildkitsandbox */
  readonly hostname?: string;
  /** Lines of /etc/hosts. The address `host-gateway` is the one by which a step reaches this machine. @default [] */
  readonly addHosts?: readonly ExtraHost[];
  /** Name servers in place of the machine's. */
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  /** Bytes of /dev/shm. @default 64 MiB */
  readonly shmBytes?: number;
  /** @default a limit of open files */
  readonly ulimits?: readonly ResourceLimit[];
  /** Names as in `NET_ADMIN` or `CAP_NET_ADMIN`; `ALL`. @default [] */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  /** Setuid bits and file capabilities give programs of a step nothing. @default false */
  readonly noNewPrivileges?: boolean;
  /** No filter of system calls, or a profile in Docker's form. @default Docker's default profile */
  readonly seccomp?: SeccompChoice;
  /** What makes isolated networks. @default the first that is there */
  readonly networkProgram?: "pasta" | "slirp4netns";
  /** Path of a network namespace that takes the place of this machine's, where a step does not choose; for root. */
  readonly networkNamespace?: string;
  /** How layers become roots of steps. @default the first that works: overlay, fuse-overlayfs, copy */
  readonly snapshotter?: SnapshotterName;
  /** What a step may use of the machine. */
  readonly limits?: CgroupLimits;
  /** The cgroup below which those of the steps are made. */
  readonly cgroupParent?: string;
  /** Milliseconds that one step may take. @default no limit */
  readonly timeout?: number;
  /** How often a step that failed is run again. @default 0 */
  readonly retries?: number;
}

/** A step has the network of this machine, or none but its own loopback. */
const HOST_GATEWAY = "127.0.0.1";

/** @throws unsupported for `host-gateway` in a network of its own, from which this machine's loopback is not reached */
export function extraHosts(
  { addHosts = [], networkNamespace }: RunSettings,
  network: NetworkMode,
): readonly ExtraHost[] {
  const gateway = addHosts.find(({ address }) => address === "host-gateway");
  const isOwn = network === "isolated" || (network === "default" && networkNamespace !== undefined);
  if (gateway && isOwn) {
    const message = `--add-host ${gateway.name}:host-gateway has no address in a network that is not this machine's`;
    throw new TsbuildError("unsupported", message, {
      hint: "Give an address of this machine that other machines reach, or leave out --network.",
    });
  }
  return addHosts.map(({ name, address }) => ({ name, address: address === "host-gateway" ? HOST_GATEWAY : address }));
}

export const dnsOf = ({ dns, dnsSearch, dnsOptions }: RunSettings): DnsSettings => ({
  servers: dns,
  search: dnsSearch,
  options: dnsOptions,
});

/** What of the settings a step may see, so that it is part of the key (S-140): names of hosts, and no limits of memory or processors. */
export function settingsInputs(settings: RunSettings): object {
  const { addHosts, hostname, shmBytes, ulimits, capAdd, capDrop, cgroupParent, noNewPrivileges, seccomp } = settings;
  const given = {
    hosts: addHosts?.map(({ name }) => name),
    hostname,
    shmBytes,
    ulimits,
    capAdd,
    capDrop,
    cgroupParent,
    noNewPrivileges,
    seccomp: typeof seccomp === "object" ? seccompDigest(seccomp.profile) : seccomp,
  };
  const used = Object.entries(given).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return used.length === 0 ? {} : { settings: Object.fromEntries(used) };
}

/** Undefined for Docker's. @throws usage for a name that is no capability; sandbox_unavailable for one that this process cannot give */
export function capabilitiesOf(
  { capAdd = [], capDrop = [] }: RunSettings,
  available = availableCapabilities,
): readonly Capability[] | undefined {
  if (capAdd.length === 0 && capDrop.length === 0) return undefined;
  const [added, dropped] = [capAdd.map(readName), capDrop.map(readName)];
  const base = dropped.includes("ALL") ? [] : added.includes("ALL") ? available() : DEFAULT_CAPABILITIES;
  const wanted = CAPABILITIES.filter(
    (name) => added.includes(name) || (base.includes(name) && !dropped.includes(name)),
  );
  const missing = added.find((name) => name !== "ALL" && !available().includes(name));
  if (missing === undefined) return wanted;
  throw new TsbuildError("sandbox_unavailable", `steps cannot have CAP_${missing}: this process does not have it`, {
    hint: "Start tsbuild with that capability.",
  });
}

function readName(text: string): Capability | "ALL" {
  const name = text.toUpperCase().replace(/^CAP_/, "");
  if (name === "ALL" || CAPABILITIES.some((known) => known === name)) return name as Capability | "ALL";
  throw new TsbuildError("usage", `expected a capability such as NET_ADMIN, found "${text}"`, {
    hint: "See man 7 capabilities for their names.",
  });
}
