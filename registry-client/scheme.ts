// http or https: plain http only for loopback, and where the user allows it (S-210).

import type { Socket } from "node:net";
import { connect } from "node:tls";
import { type Environment, hostOf, isLoopback, openTunnel, proxyFor } from "../net/index.js";

export interface SchemeOptions {
  /** Names `host[:port]` that may speak http, or https with any certificate. */
  readonly isInsecure: (host: string) => boolean;
  /** Names the proxies. */
  readonly environment: Environment;
}

/** Where the API of `registry` is: `https://registry-1.docker.io`, `http://localhost:5000`. */
export async function apiOrigin(registry: string, { isInsecure, environment }: SchemeOptions): Promise<URL> {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const secure = new URL(`https://${host}`);
  if (!isInsecure(host) && !isLoopback(hostOf(secure))) return secure;
  return (await speaksTls(secure, proxyFor(secure, environment))) ? secure : new URL(`http://${host}`);
}

/** Whether a plain request may be sent to `url`. */
export function mayBePlain(url: URL, { isInsecure }: Pick<SchemeOptions, "isInsecure">): boolean {
  return isInsecure(url.host) || isLoopback(hostOf(url));
}

/** Offers a handshake, and sends nothing else. Certificates are checked when the connection is made that carries something. */
async function speaksTls(url: URL, proxy: URL | undefined): Promise<boolean> {
  const [host, port] = [hostOf(url), Number(url.port || 443)];
  const name = /^[a-z]/.test(host) ? { servername: host } : {};
  if (proxy === undefined) return handshake({ host, port, ...name });
  const socket = await openTunnel(proxy, `${url.hostname}:${port}`).catch(() => undefined);
  return socket !== undefined && handshake({ socket, ...name });
}

function handshake(
  to: { readonly host: string; readonly port: number } | { readonly socket: Socket },
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...to, ca: [], rejectUnauthorized: false, timeout: 5000 });
    const answer = (isTls: boolean) => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once("secureConnect", () => answer(true));
    socket.once("error", (error) => answer(/\balert\b/.test(error.message)));
    socket.once("timeout", () => answer(false));
  });
}
