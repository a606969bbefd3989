// Ports of EXPOSE: `80`, `80/udp`, `8000-8010/tcp`. Addresses and host ports are read over, as BuildKit does (S-151).
// https://docs.docker.com/reference/dockerfile/#expose

import { isIP } from "node:net";

export type Ports = { readonly ports: readonly string[] } | { readonly problem: string };

const PROTOCOLS = ["tcp", "udp", "sctp"];

/** Each port of `text` as `number/protocol`, or what is wrong with it. */
export function parsePorts(text: string): Ports {
  const { address, hostPort, rest } = splitSpec(text);
  const [port = "", protocol = ""] = splitOnce(rest, "/");
  const name = protocol.toLowerCase() || "tcp";
  if (!PROTOCOLS.includes(name)) return { problem: `expected the protocol tcp, udp or sctp, found "${protocol}"` };
  if (address && !isIP(address.replace(/^\[(.*)\]$/, "$1")))
    return { problem: `expected an IP address, found "${address}"` };
  const range = parseRange(port);
  if (!range) return { problem: `expected a port or a range of ports from 0 to 65535, found "${port}"` };
  const problem = hostPort ? hostProblem(hostPort, range) : undefined;
  return problem ? { problem } : { ports: listRange(range).map((number) => `${number}/${name}`) };
}

type Range = readonly [first: number, last: number];

function splitSpec(text: string): { readonly address: string; readonly hostPort: string; readonly rest: string } {
  const parts = text.split(":");
  const rest = parts.pop() ?? "";
  const hostPort = parts.pop() ?? "";
  return { address: parts.join(":"), hostPort, rest };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function parseRange(text: string): Range | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= 65_535 ? [first, last] : undefined;
}

function hostProblem(text: string, [first, last]: Range): string | undefined {
  const host = parseRange(text);
  if (!host) return `expected a host port or a range of them, found "${text}"`;
  const fits = first === last || host[1] - host[0] === last - first;
  return fits ? undefined : `expected as many host ports as container ports, found "${text}" for "${first}-${last}"`;
}

function listRange([first, last]: Range): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
