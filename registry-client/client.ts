// Registries by name: what their repositories share is connections, tokens and credentials.

import { setMaxListeners } from "node:events";
import type { Descriptor, Digest, Reference } from "../oci/index.js";
import {
  type Environment,
  Gate,
  type OnWait,
  type Patience,
  RateLimit,
  type RetryOptions,
  Transport,
  type TransportOptions,
  withRetries,
} from "../net/index.js";
import { Connection } from "./connection.js";
import { type Keychain, loadKeychain } from "./keychain.js";
import { type Mirror, MirroredRepository } from "./mirrored.js";
import { ping } from "./ping.js";
import { loadRoutes } from "./registries-conf.js";
import { type BlobPlaces, type Downloads, Repository, type RepositoryOptions } from "./repository.js";
import { findRoute, insecureHosts, type Route, type Spot, spotOf } from "./routes.js";
import { unreachable } from "./unreachable.js";

export interface RegistryClientOptions {
  /** Default: what Docker and Podman are configured with. */
  readonly keychain?: Keychain;
  /** Registries (`host[:port]`) that may speak plain http, or https with any certificate. Default: none. */
  readonly insecure?: readonly string[];
  /** Whether all registries are. Default: false. */
  readonly allInsecure?: boolean;
  /** Directories with a folder of certificates for each registry. Default: those of Docker and Podman. */
  readonly certificateDirectories?: readonly string[];
  /**
   * By registry: places (`host[:port][/path]`) that have copies of its repositories, and are read first, in order.
   * `{ "docker.io": ["mirror.corp/hub"] }` reads docker.io/library/alpine from mirror.corp/hub/library/alpine.
   * Default: none.
   */
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
  /** What holds for parts of the names. Default: what registries.conf says. */
  readonly routes?: readonly Route[];
  /** A folder with `*.crt`, `*.cert` and `*.key` for all registries, beside those for each. */
  readonly certificateDirectory?: string;
  /** Blobs that move at once to a registry, and from one. Default: 6, and 12 from one while they are of less than 1 MiB. */
  readonly transfers?: number;
  /** Bytes per second that all uploads and downloads together may take. Default: no limit. */
  readonly bytesPerSecond?: number;
  /** Bytes from which a downloaded blob is hashed and written by threads. Default: 8 MiB. */
  readonly threads?: number;
  /** Bytes of each request of an upload. Default: the whole blob, as long as that works. */
  readonly chunk?: number;
  /** Proxies, certificates and credentials are named in it. Default: `process.env`. */
  readonly environment?: Environment;
  /** Default: `tsbuild`. */
  readonly userAgent?: string;
  readonly retry?: RetryOptions;
  /** How long it is waited for what. Default: 30 s for a connection, 60 s for an answer, and for bytes. */
  readonly patience?: Partial<Patience>;
  /** Told every 10 seconds that nothing comes from a host, and with 0 seconds when that is over. */
  readonly onWait?: OnWait;
  /** Default: nothing is known of blobs, and nothing remembered. */
  readonly blobPlaces?: BlobPlaces;
  /** Ends all that is under way. */
  readonly signal?: AbortSignal;
}

const TRANSFERS = 6;
/** Bytes from which a download takes two places: what is smaller waits more than it moves. */
const LARGE = 1 << 20;
const THREADS = 8 << 20;

export class RegistryClient {
  readonly #options: RegistryClientOptions & Required<Pick<RegistryClientOptions, "environment" | "keychain">>;
  readonly #transport: Transport;
  readonly #routes: readonly Route[];
  readonly #insecure: ReadonlySet<string>;
  readonly #limit: RateLimit | undefined;
  readonly #registries = new Map<string, Pick<RepositoryOptions, "connection" | "transfers">>();

  /** Blobs that were seen in repositories (`host/path`). */
  readonly #present = new Map<string, Set<Digest>>();

  /** @throws bad_value when registries.conf is not as expected */
  constructor(options: RegistryClientOptions = {}) {
    const { environment = process.env, keychain = loadKeychain(environment), bytesPerSecond } = options;
    if (options.signal) setMaxListeners(0, options.signal);
    this.#options = { ...options, environment, keychain };
    this.#routes = options.routes ?? loadRoutes(environment);
    this.#insecure = new Set([...(options.insecure ?? []), ...insecureHosts(this.#routes)]);
    this.#limit = bytesPerSecond === undefined ? undefined : new RateLimit(bytesPerSecond);
    this.#transport = new Transport(this.#transportOptions());
  }

  /** The repository that `reference` is in; its tag and digest do not matter. Nothing is sent yet. @throws registry_blocked */
  repository({ registry, repository }: Pick<Reference, "registry" | "repository">): Repository {
    const { own, mirrors } = findRoute(this.#routes, { registry, repository });
    const named = (this.#options.mirrors?.[registry] ?? []).map((mirror) => spotOf(`${mirror}/${repository}`));
    const all = [...named, ...mirrors].map(({ pull, ...spot }: Spot & Pick<Mirror, "pull">): Mirror => ({
      place: new Repository(this.#mirrorPlace(spot)),
      ...(pull && { pull }),
    }));
    return all.length === 0 ? new Repository(this.#place(own)) : new MirroredRepository(this.#place(own), all);
  }

  /** Asks `registry` whether it knows us. @throws unauthorized, registry_unreachable, registry_error */
  async ping(registry: string): Promise<void> {
    const { retry = {}, signal } = this.#options;
    const { connection } = this.#registry(registry);
    await withRetries(() => ping(connection, signal), { ...retry, signal });
  }

  /** Closes connections. The client can be used afterwards, and opens new ones. */
  close(): void {
    this.#transport.close();
  }

  #place({ registry, repository: name }: Spot): RepositoryOptions {
    const { retry = {}, blobPlaces, signal } = this.#options;
    const place = `${registry}/${name}`;
    const present = this.#present.get(place) ?? new Set();
    this.#present.set(place, present);
    return { ...this.#registry(registry), name, blobPlaces, present, retry, signal };
  }

  /** For one that is not there, another is asked at once. */
  #mirrorPlace(spot: Spot): RepositoryOptions {
    const place = this.#place(spot);
    return { ...place, retry: { ...place.retry, attemptsUnmet: 1 } };
  }

  #registry(registry: string): Pick<RepositoryOptions, "connection" | "transfers"> {
    const known = this.#registries.get(registry);
    if (known !== undefined) return known;
    const { keychain, environment, signal, transfers, chunk, threads = THREADS } = this.#options;
    const shared = { keychain, environment, signal, transport: this.#transport, isInsecure: this.#isInsecure };
    const moving = {
      jobs: transfers ?? TRANSFERS,
      downloads: downloadsOf(transfers),
      limit: this.#limit,
      chunk,
      threads,
    };
    const made = { connection: new Connection({ registry, ...shared }), transfers: moving };
    this.#registries.set(registry, made);
    return made;
  }

  #transportOptions(): TransportOptions {
    const { environment, userAgent = "tsbuild", certificateDirectories, certificateDirectory } = this.#options;
    const { patience, onWait } = this.#options;
    return {
      patience,
      onWait,
      environment,
      userAgent,
      isInsecure: this.#isInsecure,
      unreachable,
      ...(certificateDirectories && { certificateDirectories }),
      ...(certificateDirectory !== undefined && { certificateDirectory }),
    };
  }

  readonly #isInsecure = (host: string): boolean => this.#options.allInsecure === true || this.#insecure.has(host);
}

/** @param most what the user asked for */
function downloadsOf(most: number | undefined): Downloads {
  const gate = new Gate(most ?? TRANSFERS * 2);
  const placesFor = ({ size }: Descriptor) => (most === undefined && size >= LARGE ? 2 : 1);
  return { most: most ?? TRANSFERS * 2, enter: (blob, signal) => gate.enter(signal, placesFor(blob)) };
}
