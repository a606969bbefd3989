// Why a registry gave no answer, in words.

import { reasonOf } from "../net/index.js";
import { RegistryError } from "./error.js";

/** The error for an exchange without an answer. `cause` keeps the system's own code. */
export function unreachable(request: { readonly method: string; readonly url: URL }, failure: unknown): RegistryError {
  const { code, reason, cause, isUntrusted } = reasonOf(failure);
  const { host } = request.url;
  const hint = isUntrusted ? certificateHint(host) : HINTS[code]?.(host);
  return new RegistryError("registry_unreachable", `cannot reach ${host}: ${reason}`, {
    ...request,
    cause,
    ...(hint !== undefined && { hint }),
  });
}

const HINTS: Readonly<Record<string, (host: string) => string>> = {
  EPROTO: (host) => `Declare ${host} an insecure registry if it serves plain http.`,
  ENOTFOUND: () => "Check the registry's name, and the proxy settings (HTTPS_PROXY, NO_PROXY).",
  ECONNREFUSED: () => "Check that the registry is running, and its port.",
};

function certificateHint(host: string): string {
  return `Put the authority's certificate in /etc/docker/certs.d/${host}/ca.crt, or name its file in SSL_CERT_FILE.`;
}
