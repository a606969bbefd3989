// TLS through a proxy: CONNECT, then the handshake with the server over what it opened.
// https://www.rfc-editor.org/rfc/rfc9110#name-connect

import http, { type RequestOptions } from "node:http";
import https, { type AgentOptions } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import { hostOf, isSocks } from "./proxy.js";
import { noteTunnel } from "./proxy-failure.js";
import { openSocksTunnel } from "./socks.js";

type Connected = (error: Error | null, socket: Duplex) => void;

export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  createConnection(options: RequestOptions & ConnectionOptions, callback: Connected): undefined {
    const fail = (error: Error) => callback(error, undefined as never);
    openTunnel(this.#proxy, authorityOf(options, 443)).then(
      (socket) => callback(null, connect({ ...options, socket })),
      fail,
    );
  }
}

/** Plain http through a proxy that passes on connections. */
export class PlainTunnelAgent extends http.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: http.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  createConnection(options: RequestOptions, callback: Connected): undefined {
    openTunnel(this.#proxy, authorityOf(options, 80)).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, undefined as never),
    );
  }
}

function authorityOf({ host, port }: RequestOptions, otherwise: number): string {
  return `${host?.includes(":") ? `[${host}]` : host}:${port || otherwise}`;
}

/** User and password of the proxy's URL as a header. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
}

/** A connection to `authority` (`host:port`) that `proxy` made. */
export async function openTunnel(proxy: URL, authority: string): Promise<Socket> {
  try {
    return await (isSocks(proxy) ? openSocksTunnel : openHttpTunnel)(proxy, authority);
  } catch (error) {
    noteTunnel(error as Error);
    throw error;
  }
}

function openHttpTunnel(proxy: URL, authority: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === "https:" ? https : http).request({
      method: "CONNECT",
      hostname: hostOf(proxy),
      port: proxy.port,
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: 30_000,
    });
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(
        Object.assign(new Error(`the proxy ${proxy.host} answered ${response.statusCode}`), { code: "PROXY_REFUSED" }),
      );
    });
    request.once("timeout", () =>
      request.destroy(Object.assign(new Error(`the proxy ${proxy.host} does not answer`), { code: "ETIMEDOUT" })),
    );
    request.once("error", reject);
    request.end();
  });
}
