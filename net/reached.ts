// Which hosts answered in this process. One of them that refuses connections is restarting; another may never have been there.

import { hostOf, isLoopback } from "./proxy.js";

const REACHED = new Set<string>();
const UNMET = new WeakMap<object, { readonly isLoopback: boolean }>();

/** Notes an answer of `peer`, which may be a proxy. */
export function noteReached({ host }: URL): void {
  REACHED.add(host);
}

/** Notes why there was no answer of `peer`. */
export function noteFailure(peer: URL, failure: unknown): void {
  const { code } = failure as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED" && !REACHED.has(peer.host))
    UNMET.set(failure as Error, { isLoopback: isLoopback(hostOf(peer)) });
}

/** Says of a failure, or its cause, that a host refused a connection which never answered before. */
export function unmetHost(failure: unknown): { readonly isLoopback: boolean } | undefined {
  if (!(failure instanceof Error)) return undefined;
  return UNMET.get(failure) ?? (failure.cause instanceof Error ? UNMET.get(failure.cause) : undefined);
}
