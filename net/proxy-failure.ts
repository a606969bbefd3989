// Tells a proxy that cannot be reached from a host behind it.

import { type Environment, proxyFor, proxyVariable } from "./proxy.js";

const PROXIES = new WeakMap<object, string>();
const TUNNELS = new WeakSet<Error>();
/** Steps to a connection. */
const STEPS = new Set(["connect", "getaddrinfo"]);

/** Notes that it was the way to a proxy, or through it, that failed. */
export function noteTunnel(failure: Error): void {
  TUNNELS.add(failure);
}

/** Notes of a failure on the way to `url` that it is the proxy's, where there is one and no connection to it that can be used. */
export function noteProxy(failure: unknown, url: URL, environment: Environment): void {
  const proxy = proxyFor(url, environment);
  if (proxy === undefined || !(failure instanceof Error)) return;
  const [first = failure] = failure instanceof AggregateError ? (failure.errors as Error[]) : [];
  const { syscall = "", code } = first as NodeJS.ErrnoException;
  if (STEPS.has(syscall) || (TUNNELS.has(failure) && code === "EPROTO"))
    PROXIES.set(failure, `${proxy.host} (${proxyVariable(url, environment)})`);
}

/** What was noted. */
export function proxyOf(failure: Error): string | undefined {
  return PROXIES.get(failure);
}
