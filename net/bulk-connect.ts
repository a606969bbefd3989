// Connections for large bodies: which can be had at all, and with which certificates.

import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectSecure, type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import { type Environment, hostOf, proxyFor } from "./proxy.js";
import { secureContextFor } from "./tls.js";

export interface BulkConnectOptions {
  readonly environment: Environment;
  readonly isInsecure: (host: string) => boolean;
  readonly certificates: Omit<Parameters<typeof secureContextFor>[1], "environment">;
}

export type Connect = (onread: OnReadOpts) => Socket;

export class BulkConnector {
  readonly #options: BulkConnectOptions;
  readonly #contexts = new Map<string, SecureContext>();
  /** Origins whose answers say how long they are only afterwards, or are elsewhere. */
  readonly #unfit = new Set<string>();

  constructor(options: BulkConnectOptions) {
    this.#options = options;
  }

  /** Undefined for what goes through a proxy, and for origins that turned out unfit. */
  connectTo(url: URL): Connect | undefined {
    if (this.#unfit.has(url.origin) || proxyFor(url, this.#options.environment)) return undefined;
    return (onread) => (url.protocol === "https:" ? this.#secure(url, onread) : plain(url, onread));
  }

  /** For an origin whose large bodies do not come this way. */
  avoid({ origin }: URL): undefined {
    this.#unfit.add(origin);
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
