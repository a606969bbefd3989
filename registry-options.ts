// How registries are spoken to: options that everything which may reach one has.

import { type Stats, statSync } from "node:fs";
import { TsbuildError } from "./errors.js";
import type { Credentials, RegistryClient, RegistryClientOptions, RetryOptions } from "./registry-client/index.js";

export interface RegistryOptions {
  /** Registries spoken to without TLS, or with a certificate that is not checked: `HOST[:PORT]`. @default [] */
  readonly insecureRegistries?: readonly string[];
  /** False as if all registries were insecure. @default true */
  readonly tlsVerify?: boolean;
  /** A folder with authorities (`*.crt`) and client certificates (`*.cert`, `*.key`) for all registries. @default only those of certs.d, for each */
  readonly certificateDirectory?: string;
  /** The only file that credentials are looked for in. @default $REGISTRY_AUTH_FILE, Docker's config.json, Podman's auth.json */
  readonly authFile?: string;
  /** By registry (`docker.io`, `localhost:5000`): who we are there, whatever the files say. @default {} */
  readonly credentials?: Readonly<Record<string, Credentials>>;
  /** By registry: places `HOST[:PORT][/PATH]` that are read first, in order. @default {} */
  readonly registryMirrors?: Readonly<Record<string, readonly string[]>>;
  /** The only file with `[[registry]]` tables. @default $CONTAINERS_REGISTRIES_CONF, the user's, or /etc/containers/registries.conf */
  readonly registriesConf?: string;
  /** The only policy of which images are trusted, as containers-policy.json(5) has it. @default ~/.config/containers/policy.json, else /etc/containers/policy.json, else any image is */
  readonly signaturePolicy?: string;
  /** Further tries of what may succeed later. @default 4 */
  readonly retries?: number;
  /** Milliseconds before the second try; doubled for each further one. @default 300 */
  readonly retryDelay?: number;
  /** Blobs that move at once to a registry, and from one. @default 6 */
  readonly transfers?: number;
  /** Bytes per second for all transfers to and from registries together. @default no limit */
  readonly limitRate?: number;
  /** Bytes of each request of an upload. @default the whole blob, as long as that works */
  readonly uploadChunk?: number;
  readonly signal?: AbortSignal;
}

/** @throws usage for a name that is no host, and for files and folders that are not there */
export function checkRegistryOptions(options: RegistryOptions): void {
  const { insecureRegistries = [], certificateDirectory, registriesConf, authFile, signaturePolicy } = options;
  if (certificateDirectory !== undefined) expectPath("a folder with certificates", certificateDirectory, true);
  if (registriesConf !== undefined) expectPath("a file with [[registry]] tables", registriesConf);
  if (authFile !== undefined) expectPath("a file with credentials", authFile);
  if (signaturePolicy !== undefined) expectPath("a signature policy", signaturePolicy);
  for (const registry of insecureRegistries) {
    if (/^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d+)?$/.test(registry)) continue;
    const host = /^(?:\w+:\/\/)?([^/]*)/.exec(registry)![1];
    throw new TsbuildError("usage", `expected HOST or HOST:PORT as an insecure registry, found "${registry}"`, {
      hint: host ? `Write "${host}".` : 'Write a name such as "localhost:5000".',
    });
  }
}

/** What is no folder may be a pipe as well as a file. */
function expectPath(what: string, path: string, isFolder = false): void {
  const found = statusOf(what, path);
  if (found?.isDirectory() === isFolder) return;
  const otherwise = found?.isDirectory() ? "a folder" : "a file";
  throw new TsbuildError("usage", `expected ${what} at "${path}", found ${found ? otherwise : "nothing"}`, {
    hint: "Check the path.",
  });
}

/** Undefined where nothing is. @throws usage where that cannot be told, as below a folder that may not be entered */
function statusOf(what: string, path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new TsbuildError("usage", `expected ${what} at "${path}", which cannot be looked at: ${code}`, {
      cause,
      hint: "Check the path, and that you may enter the folders above it.",
    });
  }
}

/** @throws usage; bad_value when registries.conf is not as expected */
export async function openRegistries(
  options: RegistryOptions,
  more: Pick<RegistryClientOptions, "blobPlaces" | "onWait"> = {},
): Promise<RegistryClient> {
  checkRegistryOptions(options);
  const { loadKeychain, loadRoutes, RegistryClient, withCredentials } = await import("./registry-client/index.js");
  const { readRegistrySources } = await import("./trust/index.js");
  const { authFile, credentials = {}, registriesConf } = options;
  const keychain = withCredentials(credentials, loadKeychain(process.env, authFile));
  const routes = loadRoutes(process.env, registriesConf);
  const insecure = [...(options.insecureRegistries ?? []), ...readRegistrySources(process.env).insecureRegistries];
  return new RegistryClient({ ...clientOptions(options), insecure, keychain, routes, ...more });
}

export function retryOptions({ retries, retryDelay }: RegistryOptions): RetryOptions {
  return {
    ...(retries !== undefined && { attempts: retries + 1 }),
    ...(retryDelay !== undefined && { delay: retryDelay }),
  };
}

function clientOptions(options: RegistryOptions): RegistryClientOptions {
  const {
    tlsVerify = true,
    certificateDirectory,
    registryMirrors,
    transfers,
    limitRate,
    uploadChunk,
    signal,
  } = options;
  return {
    allInsecure: !tlsVerify,
    retry: retryOptions(options),
    ...(certificateDirectory !== undefined && { certificateDirectory }),
    ...(registryMirrors && { mirrors: registryMirrors }),
    ...(transfers !== undefined && { transfers }),
    ...(limitRate !== undefined && { bytesPerSecond: limitRate }),
    ...(uploadChunk !== undefined && { chunk: uploadChunk }),
    ...(signal && { signal }),
  };
}
