// Connections for GETs: which can be had at all, with which certificates, and those that are kept.

import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectSecure, type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import { KeptConnection } from "./kept-connection.js";
import { type Environment, hostOf, proxyFor } from "./proxy.js";
import { secureContextFor } from "./tls.js";

export interface ConnectionsOptions {
  readonly environment: Environment;
  readonly isInsecure: (host: string) => boolean;
  readonly certificates: Omit<Parameters<typeof secureContextFor>[1], "environment">;
}

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #contexts = new Map<string, SecureContext>();
  /** By origin, those that wait for a request. */
  readonly #idle = new Map<string, KeptConnection[]>();
  /** Origins whose answers say how long they are only afterwards. */
  readonly #unfit = new Set<string>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** False for what goes through a proxy, and for origins that turned out unfit. */
  isFit(url: URL): boolean {
    return !this.#unfit.has(url.origin) && proxyFor(url, this.#options.environment) === undefined;
  }

  /** For an origin whose bodies do not come this way. */
  avoid({ origin }: URL): void {
    this.#unfit.add(origin);
  }

  /** The one that was used last, if any waits. */
  kept({ origin }: URL): KeptConnection | undefined {
    const idle = this.#idle.get(origin) ?? [];
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) if (last.isUsable) return last;
    return undefined;
  }

  open(url: URL): KeptConnection {
    const connect = (onread: OnReadOpts) =>
      url.protocol === "https:"
        ? { socket: this.#secure(url, onread), ready: "secureConnect" }
        : { socket: plain(url, onread), ready: "connect" };
    return new KeptConnection(connect, (connection) => this.#keep(url, connection));
  }

  /** Closes those that are not in use. */
  close(): void {
    for (const connection of [...this.#idle.values()].flat()) connection.destroy();
    this.#idle.clear();
  }

  #keep({ origin }: URL, connection: KeptConnection): void {
    const idle = this.#idle.get(origin) ?? [];
    this.#idle.set(origin, [...idle.filter(({ isUsable }) => isUsable), connection]);
  }

  #secure(url: URL, onread: OnReadOpts): Socket {
    const host = hostOf(url);
    const options = {
      host,
      port: Number(url.port || 443),
      secureContext: this.#contextFor(url),
      rejectUnauthorized: !this.#options.isInsecure(url.host),
      ALPNProtocols: ["http/1.1"],
      onread,
      ...(isIP(host) === 0 && { servername: host }),
    };
    return connectSecure(options as ConnectionOptions);
  }

  #contextFor({ host }: URL): SecureContext {
    const { environment, certificates } = this.#options;
    const context =
      this.#contexts.get(host) ?? createSecureContext(secureContextFor(host, { environment, ...certificates }));
    this.#contexts.set(host, context);
    return context;
  }
}

function plain(url: URL, onread: OnReadOpts): Socket {
  return connectPlain({ host: hostOf(url), port: Number(url.port || 80), onread });
}
