// Who we are at which registry: the configuration of Docker and of Podman, and their credential helpers (S-200).
// https://docs.docker.com/reference/cli/docker/login/
// https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import type { Environment } from "../net/index.js";
import { forgetHelperAnswer, helperAnswer } from "./helper-answers.js";

/** What a registry, or the server of its tokens, is shown. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** Exchanged for tokens (OAuth2's refresh token). */
  | { readonly identityToken: string }
  /** Sent to the registry as it is. */
  | { readonly registryToken: string };

export interface Keychain {
  /**
   * @param registry host and port: `docker.io`, `localhost:5000`
   * @returns undefined for anonymous
   * @throws unauthorized when there should be credentials and they cannot be had
   */
  credentials(registry: string, repository: string): Promise<Credentials | undefined>;
  /** Told that the registry did not take what it was shown: answers of helpers are not used again. */
  forget?(registry: string): void;
}

const SOURCES = new WeakMap<Credentials, string>();

/** The file or the helper that has the credentials; undefined for those that the caller gave. */
export function sourceOf(credentials: Credentials): string | undefined {
  return SOURCES.get(credentials);
}

const authSchema = v.object({
  auth: v.exactOptional(v.string()),
  username: v.exactOptional(v.string()),
  password: v.exactOptional(v.string()),
  identitytoken: v.exactOptional(v.string()),
  registrytoken: v.exactOptional(v.string()),
});
const configSchema = v.object({
  auths: v.optional(v.record(v.string(), authSchema), {}),
  credHelpers: v.optional(v.record(v.string(), v.string()), {}),
  credsStore: v.exactOptional(v.string()),
});
type Config = v.InferOutput<typeof configSchema> & { readonly origin: string };

const HUB_KEY = "https://index.docker.io/v1/";
const HUB_NAMES = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/**
 * Credentials of REGISTRY_AUTH_FILE, Docker's config.json (in DOCKER_CONFIG, or ~/.docker), Podman's auth.json, and the JSON in
 * DOCKER_AUTH_CONFIG; the first that has any for a registry counts. Files are read when they are first needed.
 * @param authFile the only file that counts
 */
export function loadKeychain(environment: Environment = process.env, authFile?: string): Keychain {
  let configs: readonly Config[] | undefined;
  return {
    async credentials(registry, repository) {
      configs ??= authFile === undefined ? readConfigs(environment) : [readConfig(authFile)];
      for (const config of configs) {
        const found = await lookUp(config, registry, repository, environment);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    forget(registry) {
      for (const config of configs ?? []) {
        const helper = helperFor(config, registry);
        if (helper) forgetHelperAnswer(helper, serverNames(registry)[0], environment);
      }
    },
  };
}

/** Shows `known` to the registries that it names, and to others what `keychain` has. */
export function withCredentials(known: Readonly<Record<string, Credentials>>, keychain: Keychain): Keychain {
  return {
    credentials: async (registry, repository) => known[registry] ?? keychain.credentials(registry, repository),
    forget: (registry) => keychain.forget?.(registry),
  };
}

/** The keys under which helpers and files may have a registry; the first is Docker's own. */
export function serverNames(registry: string): readonly [string, ...string[]] {
  return HUB_NAMES.has(registry) ? [HUB_KEY, ...HUB_NAMES] : [registry];
}

function readConfig(file: string): Config {
  const [found] = readIfPresent(file);
  if (found !== undefined) return { ...parseConfig(found[1], file), origin: file };
  throw new TsbuildError("unauthorized", `cannot read credentials in ${file}: ENOENT`, {
    hint: "Name a file that is there, or log in with --authfile first.",
  });
}

function readConfigs(environment: Environment): Config[] {
  const home = environment.HOME || homedir();
  const files = [
    environment.REGISTRY_AUTH_FILE,
    join(environment.DOCKER_CONFIG || join(home, ".docker"), "config.json"),
    environment.XDG_RUNTIME_DIR && join(environment.XDG_RUNTIME_DIR, "containers/auth.json"),
    join(environment.XDG_CONFIG_HOME || join(home, ".config"), "containers/auth.json"),
  ];
  const texts = files.flatMap((file): [string, string][] => (file ? readIfPresent(file) : []));
  if (environment.DOCKER_AUTH_CONFIG) texts.push(["DOCKER_AUTH_CONFIG", environment.DOCKER_AUTH_CONFIG]);
  return texts.map(([origin, text]) => ({ ...parseConfig(text, origin), origin }));
}

function readIfPresent(file: string): [file: string, text: string][] {
  try {
    return [[file, readFileSync(file, "utf8")]];
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw new TsbuildError(
      "unauthorized",
      `cannot read credentials in ${file}: ${(error as NodeJS.ErrnoException).code}`,
      { hint: "Make the file readable, or name another with --authfile.", cause: error },
    );
  }
}

/** The text itself is never told: it holds passwords. */
export function parseConfig(text: string, origin: string): v.InferOutput<typeof configSchema> {
  const value = parseJson(text, origin);
  if (Array.isArray(value)) throw badConfig(origin, "an object");
  const result = v.safeParse(configSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw badConfig(
    origin,
    `${issue.expected ?? "something else"} at ${v.getDotPath(issue)?.replace(/^(auths)\..*/, "$1") ?? "the top"}`,
  );
}

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => (value === null ? undefined : value));
  } catch {
    throw badConfig(origin, "JSON");
  }
}

function badConfig(origin: string, expected: string): TsbuildError {
  return new TsbuildError("unauthorized", `credentials in ${origin}: expected ${expected}`, {
    hint: "Correct it, or log in again.",
  });
}

async function lookUp(
  config: Config,
  registry: string,
  repository: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const helper = helperFor(config, registry);
  if (helper) {
    const found = await helperAnswer(helper, serverNames(registry)[0], { environment, origin: config.origin });
    if (found !== undefined) return from(`docker-credential-${helper}`, found);
  }
  return from(config.origin, lookUpAuth(config, HUB_NAMES.has(registry) ? "docker.io" : registry, repository));
}

function from(source: string, found: Credentials | undefined): Credentials | undefined {
  if (found !== undefined) SOURCES.set(found, source);
  return found;
}

/** The program that keeps the passwords of `registry`. */
export function helperFor(
  { credHelpers, credsStore }: Pick<Config, "credHelpers" | "credsStore">,
  registry: string,
): string | undefined {
  const named = serverNames(registry).map((name) => credHelpers[name]);
  return named.find((name) => name !== undefined) ?? credsStore;
}

/** The entry for the longest leading part of `registry/repository`. */
function lookUpAuth({ auths, origin }: Config, registry: string, repository: string): Credentials | undefined {
  const entries = new Map(Object.entries(auths).map(([key, auth]) => [normalizeKey(key), auth]));
  const parts = [registry, ...repository.split("/")];
  for (let length = parts.length; length > 0; length--) {
    const auth = entries.get(parts.slice(0, length).join("/"));
    const found = auth && readAuth(auth, registry, origin);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `https://index.docker.io/v1/` is `docker.io`, `https://ghcr.io/` is `ghcr.io`. */
export function normalizeKey(key: string): string {
  const name = key
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "")
    .replace(/^([^/]+)\/v[12]$/, "$1");
  const [host = "", ...path] = name.split("/");
  return [HUB_NAMES.has(host) ? "docker.io" : host, ...path].join("/");
}

function readAuth(auth: v.InferOutput<typeof authSchema>, registry: string, origin: string): Credentials | undefined {
  if (auth.identitytoken) return { identityToken: auth.identitytoken };
  if (auth.registrytoken) return { registryToken: auth.registrytoken };
  if (!auth.auth) return auth.username ? { username: auth.username, password: auth.password ?? "" } : undefined;
  const decoded = Buffer.from(auth.auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw badConfig(origin, `base64 of user:password in auths of ${registry}`);
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
