// http or https: plain http only for loopback, and where the user allows it (S-210).

import { connect } from "node:tls";
import { hostOf, isLoopback } from "./proxy.js";

export interface SchemeOptions {
  /** Names `host[:port]` that may speak http, or https with any certificate. */
  readonly isInsecure: (host: string) => boolean;
}

/** Where the API of `registry` is: `https://registry-1.docker.io`, `http://localhost:5000`. */
export async function apiOrigin(registry: string, { isInsecure }: SchemeOptions): Promise<URL> {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const secure = new URL(`https://${host}`);
  if (!isInsecure(host) && !isLoopback(hostOf(secure))) return secure;
  return (await speaksTls(secure)) ? secure : new URL(`http://${host}`);
}

/** Whether a plain request may be sent to `url`. */
export function mayBePlain(url: URL, { isInsecure }: SchemeOptions): boolean {
  return isInsecure(url.host) || isLoopback(hostOf(url));
}

/** Offers a handshake, and sends nothing else. Certificates are checked when the connection is made that carries something. */
function speaksTls(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = hostOf(url);
    const socket = connect({ host, port: Number(url.port || 443), ca: [], rejectUnauthorized: false, timeout: 5000, ...(/^[a-z]/.test(host) && { servername: host }) });
    const answer = (isTls: boolean) => () => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once("secureConnect", answer(true));
    socket.once("error", (error) => answer(/\balert\b/.test(error.message))());
    socket.once("timeout", answer(false));
  });
}
