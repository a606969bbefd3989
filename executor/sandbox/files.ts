// The files that every step sees instead of the image's: /etc/hosts and /etc/resolv.conf.
// man 5 hosts, man 5 resolv.conf

import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The name that every step sees, so that outputs are stable (S-120). */
export const SANDBOX_HOSTNAME = "buildkitsandbox";

const SYSTEMD_RESOLV_CONF = "/run/systemd/resolve/resolv.conf";

export interface ExtraHost {
  readonly name: string;
  readonly address: string;
}

export interface DnsSettings {
  readonly servers?: readonly string[] | undefined;
  readonly search?: readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface NetworkFilesOptions {
  /** @default SANDBOX_HOSTNAME */
  readonly hostname?: string;
  /** `--add-host` @default [] */
  readonly extraHosts?: readonly ExtraHost[];
  readonly network: "host" | "none";
  /** The name server of a network of the step's own, in place of the host's. @default the host's */
  readonly resolver?: string | undefined;
  /** `--dns` and its like, in place of what the host has. @default {} */
  readonly dns?: DnsSettings;
  /** Reads a file of the host. @default from disk */
  readonly read?: (path: string) => string | undefined;
}

export interface NetworkFiles {
  readonly hosts: string;
  readonly resolvConf: string;
}

/** Writes both files into `directory`, world-readable, and returns their paths. */
export function writeNetworkFiles(directory: string, options: NetworkFilesOptions): NetworkFiles {
  const files = { hosts: join(directory, "hosts"), resolvConf: join(directory, "resolv.conf") };
  writeReadable(files.hosts, hostsText(options));
  writeReadable(files.resolvConf, resolvConfText(options));
  return files;
}

/** Whatever the caller's umask is (S-127). */
function writeReadable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

export function hostsText({
  hostname = SANDBOX_HOSTNAME,
  extraHosts = [],
}: Pick<NetworkFilesOptions, "hostname" | "extraHosts">): string {
  const extra = extraHosts.map(({ name, address }) => `${address}\t${name}\n`);
  return `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n${extra.join("")}`;
}

/** The host's file, with the lines replaced that are set. */
export function resolvConfText(options: NetworkFilesOptions): string {
  const own = options.resolver === undefined ? [] : [options.resolver];
  const { servers = own, search = [], options: flags = [] } = options.dns ?? {};
  const replaced = [
    ...(servers.length > 0 ? ["nameserver"] : []),
    ...(search.length > 0 ? ["search", "domain"] : []),
    ...(flags.length > 0 ? ["options"] : []),
  ];
  const text = hostResolvConf(options);
  if (replaced.length === 0) return text;
  const kept = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !replaced.includes(line.trim().split(/\s+/)[0]!));
  const lines = [
    ...servers.map((address) => `nameserver ${address}`),
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...(flags.length > 0 ? [`options ${flags.join(" ")}`] : []),
  ];
  return [...kept, ...lines, ""].join("\n");
}

/**
 * The host's resolv.conf. When its only name server is systemd's stub, the servers behind the stub, except in the host's
 * own network, where the stub can be reached (S-121).
 */
function hostResolvConf({ network, read = readIfThere }: NetworkFilesOptions): string {
  const text = read("/etc/resolv.conf") ?? "";
  if (network === "host" || nameServers(text).join() !== "127.0.0.53") return text;
  return read(SYSTEMD_RESOLV_CONF) ?? text;
}

function nameServers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address]) => address!);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
