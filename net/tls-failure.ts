// What OpenSSL says of a handshake that failed, in words.
// https://www.rfc-editor.org/rfc/rfc8446#section-6.2

/** Alerts that a server ends a handshake with. */
const ALERTS: Readonly<Record<string, string>> = {
  40: "it refused the TLS handshake",
  42: "it demands a client certificate",
  43: "it does not accept the client certificate",
  44: "it does not accept the client certificate, which is revoked",
  45: "it does not accept the client certificate, which has expired",
  46: "it does not accept the client certificate",
  48: "it does not know the authority of the client certificate",
  116: "it demands a client certificate",
};
const NO_TLS = /wrong version number|packet length too long|http request|unknown protocol/;

export interface TlsFailure {
  /** What was said, without where in OpenSSL: `tlsv13 alert certificate required`. */
  readonly said: string;
  readonly reason: string;
  /** Whether a client certificate, or another one, may help. */
  readonly wantsCertificate: boolean;
}

/** Undefined for a message that is not of OpenSSL. */
export function tlsFailure(message: string): TlsFailure | undefined {
  const said = /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  if (said === undefined) return undefined;
  const alert = ALERTS[/SSL alert number (\d+)/.exec(message)?.[1] ?? ""];
  const otherwise = NO_TLS.test(said) ? "it does not speak TLS" : `the TLS handshake failed: ${said}`;
  return { said, reason: alert ?? otherwise, wantsCertificate: alert !== undefined };
}
