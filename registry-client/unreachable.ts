// Why there was no answer, in words.

import { RegistryError } from "./error.js";

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

/** The error for an exchange without an answer. `cause` keeps the system's own code. */
export function unreachable(request: { readonly method: string; readonly url: URL }, cause: unknown): RegistryError {
  const { code = "", message } = innermost(cause as NodeJS.ErrnoException);
  const { host } = request.url;
  const options = { ...request, cause: withCode(cause as Error, code), ...hintFor(code, host) };
  return new RegistryError("registry_unreachable", `cannot reach ${host}: ${REASONS[code] ?? message}`, options);
}

/** When a host has several addresses, each has an error of its own. */
function innermost(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
}

function withCode(error: Error, code: string): Error {
  return "code" in error ? error : Object.assign(error, { code });
}

function hintFor(code: string, host: string): { hint?: string } {
  if (UNTRUSTED.test(code))
    return {
      hint: `Put the authority's certificate in /etc/docker/certs.d/${host}/ca.crt, or name its file in SSL_CERT_FILE.`,
    };
  if (code === "EPROTO") return { hint: `Declare ${host} an insecure registry if it serves plain http.` };
  if (code === "ENOTFOUND")
    return { hint: "Check the registry's name, and the proxy settings (HTTPS_PROXY, NO_PROXY)." };
  return code === "ECONNREFUSED" ? { hint: "Check that the registry is running, and its port." } : {};
}
