// Why a registry gave no answer, in words.

import { cannotReach, type Reason, reasonOf } from "../net/index.js";
import { RegistryError } from "./error.js";

/** The error for an exchange without an answer. `cause` keeps the system's own code. */
export function unreachable(request: { readonly method: string; readonly url: URL }, failure: unknown): RegistryError {
  const reason = reasonOf(failure);
  const { cause } = reason;
  const { host } = request.url;
  const hint = hintFor(host, reason);
  return new RegistryError("registry_unreachable", cannotReach(host, reason), {
    ...request,
    cause,
    ...(hint !== undefined && { hint }),
  });
}

function hintFor(host: string, { code, isUntrusted, wantsCertificate, proxy }: Reason): string | undefined {
  if (proxy !== undefined && code === "EPROTO") return "Write http:// in its variable if the proxy speaks plain HTTP.";
  if (proxy !== undefined) return "Start the proxy, or correct its variable or NO_PROXY.";
  if (wantsCertificate)
    return "If it demands a client certificate, put NAME.cert and NAME.key in a folder, and name that with --cert-dir.";
  return isUntrusted ? certificateHint(host) : HINTS[code]?.(host);
}

const HINTS: Readonly<Record<string, (host: string) => string>> = {
  EPROTO: (host) => `Declare ${host} an insecure registry if it serves plain http.`,
  ENOTFOUND: () => "Check the registry's name, and the proxy settings (HTTPS_PROXY, NO_PROXY).",
  ECONNREFUSED: () => "Check that the registry is running, and its port.",
};

function certificateHint(host: string): string {
  return `Put the authority's certificate in /etc/docker/certs.d/${host}/ca.crt, or name its file in SSL_CERT_FILE.`;
}
