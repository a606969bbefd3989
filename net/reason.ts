// Why there was no answer, in words.

import { proxyOf } from "./proxy-failure.js";
import { SilenceError } from "./silence.js";
import { tlsFailure } from "./tls-failure.js";

export interface Reason {
  /** The system's own code: `ECONNREFUSED`; empty when there is none. */
  readonly code: string;
  /** Follows what `cannotReach` begins with. */
  readonly reason: string;
  /** True when the certificate was not accepted. */
  readonly isUntrusted: boolean;
  /** True when the other side wants a client certificate, or another one. */
  readonly wantsCertificate: boolean;
  /** The proxy that was not reached, with its variable: `127.0.0.1:3128 (HTTPS_PROXY)`. */
  readonly proxy: string | undefined;
  /** The failure, with `code`. */
  readonly cause: Error;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed by the other side",
  EPIPE: "connection closed by the other side",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name server does not answer",
  ETIMEDOUT: "no answer in time",
  ENETUNREACH: "no route to its network",
  EHOSTUNREACH: "no route to the host",
  EPROTO: "it does not speak TLS",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that this machine does not trust",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that this machine does not trust",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an authority that this machine does not trust",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO|CERT_/;

export function reasonOf(failure: unknown): Reason {
  const { code = "", message } = innermost(failure as NodeJS.ErrnoException);
  const tls = tlsFailure(message);
  const cause = withCode(tls ? new Error(tls.said) : (failure as Error), code);
  return {
    code,
    reason: tls?.reason ?? (isSilence(failure) ? undefined : REASONS[code]) ?? message,
    isUntrusted: UNTRUSTED.test(code),
    wantsCertificate: tls?.wantsCertificate === true,
    proxy: proxyOf(failure as Error),
    cause,
  };
}

/** The message for a host that gave no answer. */
export function cannotReach(host: string, { proxy, reason }: Pick<Reason, "proxy" | "reason">): string {
  return `cannot reach ${proxy === undefined ? host : `the proxy ${proxy} on the way to ${host}`}: ${reason}`;
}

/** Whether it was waited as long as it is waited for what did not come. */
export function isSilence(failure: unknown): boolean {
  return failure instanceof SilenceError || (failure instanceof Error && failure.cause instanceof SilenceError);
}

/** Bytes that moved in a time that was too long for so few, but for some at its edges; 0 for any other failure. */
export function creptBytes(failure: unknown): number {
  if (failure instanceof SilenceError) return failure.moved;
  return failure instanceof Error && failure.cause instanceof SilenceError ? failure.cause.moved : 0;
}

/** When a host has several addresses, each has an error of its own. */
function innermost(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
}

function withCode(error: Error, code: string): Error {
  return "code" in error ? error : Object.assign(error, { code });
}
