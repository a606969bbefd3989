// Which proxy a request goes through, by the rules that Go programs follow.
// https://pkg.go.dev/golang.org/x/net/http/httpproxy

import { BlockList, isIP } from "node:net";
import { TsbuildError } from "../errors.js";

const KINDS = new Set(["http:", "https:", "socks5:", "socks5h:"]);

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for `url` that the environment names, or undefined. Loopback is never reached through one. */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const name = proxyVariable(url, environment);
  const value = environment[name];
  if (!value || isLoopback(hostOf(url)) || bypasses(url, environment.NO_PROXY || environment.no_proxy || ""))
    return undefined;
  return parseProxy(value, name);
}

/** Whether a proxy passes on connections, whatever goes through them. */
export function isSocks({ protocol }: URL): boolean {
  return protocol.startsWith("socks");
}

/** The variable that names the proxy for `url`, if any does. */
export function proxyVariable({ protocol }: URL, environment: Environment): string {
  const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  return environment[name] || !environment[name.toLowerCase()] ? name : name.toLowerCase();
}

/** Host names and addresses that mean this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
}

function parseProxy(value: string, name: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy !== undefined && KINDS.has(proxy.protocol)) return proxy;
  throw new TsbuildError(
    "bad_value",
    `${name}: expected a proxy by http, https or socks5, found "${proxy ? `${proxy.protocol}//${proxy.host}` : "no URL"}"`,
    { hint: `Write ${name} as http://HOST:PORT, or unset it.` },
  );
}

function bypasses(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(",").some((entry) => matches(entry.trim().toLowerCase(), hostOf(url), port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "" || entry === "*") return entry === "*";
  if (entry.includes("/")) return isInRange(host, entry);
  const [, name = entry, wantedPort] = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const plain = name.replace(/^\[|\]$/g, "").replace(/^\*(?=\.)/, "");
  if (isIP(plain)) return plain === host;
  return plain.startsWith(".") ? host.endsWith(plain) : host === plain || host.endsWith(`.${plain}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = "", length = ""] = range.split("/");
  const [family, hostFamily] = [isIP(network), isIP(host)];
  if (family === 0 || family !== hostFamily || !/^\d{1,3}$/.test(length) || Number(length) > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}
