// `tsbuild login`, `tsbuild logout`: who we are at a registry, tried out and then kept where Docker and Podman keep it.

import { TsbuildError } from "../errors.js";
import { parseReference } from "../oci/index.js";
import { type RegistryOptions, openRegistries } from "../registry-options.js";

export interface LoginOptions extends RegistryOptions {
  /** Where the password is kept. @default $REGISTRY_AUTH_FILE, else Docker's config.json; or the helper that it names */
  readonly authFile?: string;
}

export interface UserPassword {
  readonly username: string;
  readonly password: string;
}

/**
 * Asks the registry whether it accepts the password, and keeps it.
 * @param registry `docker.io`, `localhost:5000`; as a URL too
 * @returns the file, or the credential helper, that has it now
 * @throws unauthorized, registry_unreachable, registry_error
 */
export async function login(registry: string, credentials: UserPassword, options: LoginOptions = {}): Promise<string> {
  const host = registryOf(registry);
  const { username, password } = credentials;
  if (username === "" || username.includes(":") || password === "")
    throw new TsbuildError("usage", "expected a user name without colon, and a password", {
      hint: "Give both: tsbuild login -u USER --password-stdin REGISTRY.",
    });
  const { storeCredentials } = await import("../registry-client/index.js");
  await ping(host, { ...options, credentials: { [host]: { username, password } } }).catch((cause: unknown) => {
    throw refused(cause, host);
  });
  return storeCredentials(host, { username, password }, { ...options, environment: process.env });
}

/** Asks the registry whether it accepts the password that is kept. @returns false when there is none @throws unauthorized */
export async function checkLogin(registry: string, options: LoginOptions = {}): Promise<boolean> {
  const host = registryOf(registry);
  const { loadKeychain } = await import("../registry-client/index.js");
  const { authFile, ...rest } = options;
  const keychain = loadKeychain({ ...process.env, ...(authFile !== undefined && { REGISTRY_AUTH_FILE: authFile }) });
  const credentials = await keychain.credentials(host, "");
  if (credentials === undefined) return false;
  await ping(host, { ...rest, credentials: { [host]: credentials } });
  return true;
}

/** Forgets the password of a registry. @returns whether there was one @throws unauthorized */
export async function logout(registry: string, options: Pick<LoginOptions, "authFile"> = {}): Promise<boolean> {
  const { eraseCredentials } = await import("../registry-client/index.js");
  return eraseCredentials(registryOf(registry), { ...options, environment: process.env });
}

/** Forgets the passwords of all registries that the file knows. @returns how many there were @throws unauthorized */
export async function logoutOfAll(options: Pick<LoginOptions, "authFile"> = {}): Promise<number> {
  const { eraseAllCredentials } = await import("../registry-client/index.js");
  return eraseAllCredentials({ ...options, environment: process.env });
}

/** Who we are at a registry, by what is kept; nothing is asked of the registry. Undefined when nothing is kept. @throws unauthorized */
export async function loggedInAs(
  registry: string,
  { authFile }: Pick<LoginOptions, "authFile"> = {},
): Promise<string | undefined> {
  const { loadKeychain } = await import("../registry-client/index.js");
  const keychain = loadKeychain({ ...process.env, ...(authFile !== undefined && { REGISTRY_AUTH_FILE: authFile }) });
  const credentials = await keychain.credentials(registryOf(registry), "");
  return credentials && "username" in credentials ? credentials.username : undefined;
}

/** The registry that an image name means: `docker.io` for `alpine:3`. @throws bad_reference */
export function registryOfImage(name: string): string {
  return parseReference(name).registry;
}

async function ping(registry: string, { authFile: _, ...options }: LoginOptions): Promise<void> {
  const client = await openRegistries(options);
  try {
    await client.ping(registry);
  } finally {
    client.close();
  }
}

function refused(cause: unknown, host: string): unknown {
  if (!(cause instanceof TsbuildError) || cause.code !== "unauthorized") return cause;
  const { status } = cause as { readonly status?: number };
  return new TsbuildError("unauthorized", `${host} does not accept this user and password`, {
    ...(status !== 401 && { cause }), // which says no more
    hint: "Check both; many registries want a token in place of the password.",
  });
}

/** The name of a registry in references, whatever form it is given in: `https://index.docker.io/v1/` is `docker.io`. */
function registryOf(text: string): string {
  const host = text
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(host))
    throw new TsbuildError("bad_reference", `expected a registry such as ghcr.io or localhost:5000, found "${text}"`, {
      hint: "Write the name of a host, with its port if it has one.",
    });
  return /^(?:index\.|registry-1\.)?docker\.io$/.test(host) ? "docker.io" : host;
}
