// GETs to any host, for downloads.

import type { IncomingMessage } from "node:http";
import { TsbuildError } from "../errors.js";
import type { Environment } from "./proxy.js";
import { cannotReach, reasonOf } from "./reason.js";
import { type RetryOptions, withRetries } from "./retry.js";
import type { OnWait } from "./silence.js";
import { type HttpRequest, Transport } from "./transport.js";

export interface NetworkOptions {
  readonly userAgent: string;
  /** Proxies and certificates are named in it. Default: `process.env`. */
  readonly environment?: Environment;
  readonly retry?: RetryOptions;
  readonly onWait?: OnWait | undefined;
}

export interface OpenNetwork {
  /** @throws source_unreachable, interrupted */
  get(request: Pick<HttpRequest, "url" | "headers" | "signal">): Promise<IncomingMessage>;
  /** The error for an answer that broke off. */
  broken(url: URL, cause: unknown): TsbuildError;
  /** Runs `attempt` again while it fails with what may pass. */
  retry<Value>(attempt: () => Promise<Value>, signal?: AbortSignal): Promise<Value>;
  close(): void;
}

export function openNetwork({ userAgent, environment = process.env, retry = {}, onWait }: NetworkOptions): OpenNetwork {
  const transport = new Transport({ environment, userAgent, isInsecure: () => false, unreachable, onWait });
  return {
    get: (request) => transport.send({ method: "GET", ...request }),
    broken: (url, cause) => unreachable({ url }, cause),
    retry: (attempt, signal) => withRetries(attempt, { ...retry, signal }),
    close: () => transport.close(),
  };
}

function unreachable({ url }: Pick<HttpRequest, "url">, failure: unknown): TsbuildError {
  const reason = reasonOf(failure);
  const { cause, isUntrusted } = reason;
  const hint = isUntrusted
    ? "Name the file with the authority's certificate in SSL_CERT_FILE."
    : "Check the address, the network and the proxy settings (HTTPS_PROXY, NO_PROXY).";
  return new TsbuildError("source_unreachable", cannotReach(url.host, reason), { cause, hint });
}
