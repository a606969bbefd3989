// Registries by name: what their repositories share is connections, tokens and credentials.

import type { Reference } from "../oci/index.js";
import { type Environment, type RetryOptions, Transport } from "../net/index.js";
import { Connection } from "./connection.js";
import { type Keychain, loadKeychain } from "./keychain.js";
import { MirroredRepository } from "./mirrored.js";
import { Repository, type RepositoryOptions } from "./repository.js";
import { unreachable } from "./unreachable.js";

export interface RegistryClientOptions {
  /** Default: what Docker and Podman are configured with. */
  readonly keychain?: Keychain;
  /** Registries (`host[:port]`) that may speak plain http, or https with any certificate. Default: none. */
  readonly insecure?: readonly string[];
  /** Directories with a folder of certificates for each registry. Default: those of Docker and Podman. */
  readonly certificateDirectories?: readonly string[];
  /**
   * By registry: places (`host[:port][/path]`) that have copies of its repositories, and are read first, in order.
   * `{ "docker.io": ["mirror.corp/hub"] }` reads docker.io/library/alpine from mirror.corp/hub/library/alpine.
   * Default: none.
   */
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
  /** Proxies, certificates and credentials are named in it. Default: `process.env`. */
  readonly environment?: Environment;
  /** Default: `tsbuild`. */
  readonly userAgent?: string;
  readonly retry?: RetryOptions;
  /** Ends all that is under way. */
  readonly signal?: AbortSignal;
}

export class RegistryClient {
  readonly #options: RegistryClientOptions & Required<Pick<RegistryClientOptions, "environment" | "keychain">>;
  readonly #transport: Transport;
  readonly #connections = new Map<string, Connection>();

  constructor(options: RegistryClientOptions = {}) {
    const {
      environment = process.env,
      userAgent = "tsbuild",
      certificateDirectories,
      keychain = loadKeychain(environment),
    } = options;
    this.#options = { ...options, environment, keychain };
    this.#transport = new Transport({
      environment,
      userAgent,
      isInsecure: this.#isInsecure,
      unreachable,
      ...(certificateDirectories && { certificateDirectories }),
    });
  }

  /** The repository that `reference` is in; its tag and digest do not matter. Nothing is sent yet. */
  repository({ registry, repository }: Pick<Reference, "registry" | "repository">): Repository {
    const mirrors = this.#options.mirrors?.[registry] ?? [];
    const own = this.#place(registry, repository);
    if (mirrors.length === 0) return new Repository(own);
    return new MirroredRepository(
      own,
      mirrors.map((mirror) => new Repository(this.#mirror(mirror, repository))),
    );
  }

  /** Closes connections. The client can be used afterwards, and opens new ones. */
  close(): void {
    this.#transport.close();
  }

  #place(registry: string, name: string): RepositoryOptions {
    const { retry = {}, signal } = this.#options;
    return { connection: this.#connection(registry), name, retry, signal };
  }

  #mirror(mirror: string, name: string): RepositoryOptions {
    const [host = "", ...path] = mirror.split("/");
    return this.#place(host, [...path, name].join("/"));
  }

  #connection(registry: string): Connection {
    const { keychain, environment, signal } = this.#options;
    const shared = { keychain, environment, signal, transport: this.#transport, isInsecure: this.#isInsecure };
    const connection = this.#connections.get(registry) ?? new Connection({ registry, ...shared });
    this.#connections.set(registry, connection);
    return connection;
  }

  readonly #isInsecure = (host: string): boolean => this.#options.insecure?.includes(host) ?? false;
}
