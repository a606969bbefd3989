// Writes credentials where Docker and Podman look for them: into a file, or into the helper that the file names.
// https://docs.docker.com/reference/cli/docker/login/#credential-stores

import { randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { TsbuildError } from "../errors.js";
import type { Environment } from "../net/index.js";
import { eraseFromHelper, storeInHelper } from "./credential-helper.js";
import { forgetHelperAnswer } from "./helper-answers.js";
import { helperFor, normalizeKey, parseConfig, serverNames } from "./keychain.js";

export interface AuthFileOptions {
  /** Default: $REGISTRY_AUTH_FILE, else Docker's config.json. */
  readonly authFile?: string | undefined;
  readonly environment: Environment;
}

/** As the file has it: what else is in there stays as it is. */
type Content = Record<string, unknown> & { auths?: Record<string, unknown> };

/** Keeps a password. @returns where @throws unauthorized */
export async function storeCredentials(
  registry: string,
  { username, password }: { readonly username: string; readonly password: string },
  options: AuthFileOptions,
): Promise<string> {
  const file = authFileOf(options);
  const content = read(file);
  const helper = helperFor(parseConfig(JSON.stringify(content), file), registry);
  const [server] = serverNames(registry);
  if (helper !== undefined) {
    await storeInHelper(helper, server, { username, password }, { ...options, origin: file });
    forgetHelperAnswer(helper, server, options.environment);
    write(file, { ...content, auths: { ...without(content.auths, registry), [server]: {} } });
    return `docker-credential-${helper}`;
  }
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  write(file, { ...content, auths: { ...without(content.auths, registry), [server]: { auth } } });
  return file;
}

/** Forgets a password. @returns whether there was one @throws unauthorized */
export async function eraseCredentials(registry: string, options: AuthFileOptions): Promise<boolean> {
  const file = authFileOf(options);
  const content = read(file);
  const helper = helperFor(parseConfig(JSON.stringify(content), file), registry);
  const [server] = serverNames(registry);
  const wasKept = helper !== undefined && (await eraseFromHelper(helper, server, { ...options, origin: file }));
  if (helper !== undefined) forgetHelperAnswer(helper, server, options.environment);
  const auths = without(content.auths, registry);
  if (Object.keys(auths).length === Object.keys(content.auths ?? {}).length) return wasKept;
  write(file, { ...content, auths });
  return true;
}

/** Forgets the passwords of all registries that a file knows. @returns how many there were @throws unauthorized */
export async function eraseAllCredentials(options: AuthFileOptions): Promise<number> {
  const content = read(authFileOf(options));
  const servers = new Set([...Object.keys(content.auths ?? {}), ...Object.keys(content.credHelpers ?? {})]);
  let count = 0;
  for (const server of servers) if (await eraseCredentials(hostOf(server), options)) count++;
  const left = read(authFileOf(options));
  const paths = Object.keys(left.auths ?? {}).length; // those for a path in a registry
  if (paths > 0) write(authFileOf(options), { ...left, auths: {} });
  return count + paths;
}

/** `https://index.docker.io/v1/` is docker.io. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return /^(?:index\.|registry-1\.)?docker\.io$/.test(host) ? "docker.io" : host;
}

function authFileOf({ authFile, environment }: AuthFileOptions): string {
  const docker = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker");
  return authFile ?? (environment.REGISTRY_AUTH_FILE || join(docker, "config.json"));
}

/** Without the entries of a registry, however they are spelled; those for a path in it stay. */
function without(auths: Record<string, unknown> = {}, registry: string): Record<string, unknown> {
  const names = new Set(serverNames(registry).map(normalizeKey));
  return Object.fromEntries(Object.entries(auths).filter(([key]) => !names.has(normalizeKey(key))));
}

function read(file: string): Content {
  try {
    const text = readFileSync(file, "utf8");
    parseConfig(text, file);
    return JSON.parse(text) as Content;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error instanceof TsbuildError ? error : failed("read", file, error);
  }
}

/** With its parents. Node's own way never ends below /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Whole or not at all, for nobody else to read. A link stays a link. */
function write(file: string, content: Content): void {
  const path = target(file);
  const staged = `${path}.${randomUUID()}.tmp`;
  try {
    makeDirectory(dirname(path));
    writeFileSync(staged, `${JSON.stringify(content, null, "\t")}\n`, { mode: 0o600, flag: "wx" });
    chmodSync(staged, 0o600);
    renameSync(staged, path);
  } catch (error) {
    throw failed("write", file, error);
  } finally {
    rmSync(staged, { force: true });
  }
}

function target(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
    throw failed("write", file, error);
  }
}

function failed(what: string, file: string, cause: unknown): TsbuildError {
  return new TsbuildError("unauthorized", `cannot ${what} ${file}: ${(cause as NodeJS.ErrnoException).code}`, {
    hint: "Check the owner and the mode of the file, or name another with --authfile.",
    cause,
  });
}
