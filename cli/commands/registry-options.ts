// The flags that say how registries are spoken to → options.

import type { RegistryOptions, UserPassword } from "../../index.js";
import { registryOfImage, registryOfTransport } from "../../internal.js";
import type { FlagValues } from "../flags/flag-values.js";
import { parseBytes, parseDuration, parseNumber } from "../flags/quantities.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { ask } from "./ask.js";
import { given } from "./store-options.js";

const HUB = "docker.io";
/** Bytes per second: a slower transfer could not be told from a dead one. */
const SLOWEST = 16 << 10;
/** Bytes: what registries take at least, and some refuse to take less than. */
const SMALLEST_CHUNK = 64 << 10;

/** What `CONNECTION_FLAGS` say. @throws usage */
export function connectionOptions(flags: FlagValues): RegistryOptions {
  return given({
    insecureRegistries: flags.list("insecure-registry"),
    tlsVerify: flags.boolIfGiven("tls-verify"),
    certificateDirectory: flags.text("cert-dir"),
    retries: counted(flags, "retry", (text, spelling) => parseNumber(text, spelling, { least: 0 })),
    retryDelay: counted(flags, "retry-delay", parseDuration),
  });
}

/** What `REGISTRY_FLAGS` say. @throws usage */
export function registryOptions(flags: FlagValues): RegistryOptions {
  const { mirrors, insecure } = parseMirrors(flags.list("registry-mirror"));
  const connection = connectionOptions(flags);
  return {
    ...connection,
    insecureRegistries: [...(connection.insecureRegistries ?? []), ...insecure],
    registryMirrors: mirrors,
    ...given({
      authFile: flags.text("authfile"),
      registriesConf: flags.text("registries-conf"),
      signaturePolicy: flags.text("signature-policy"),
      transfers: flags.int("transfers"),
      limitRate: counted(flags, "limit-rate", atLeast(SLOWEST, "16k")),
      uploadChunk: counted(flags, "upload-chunk", atLeast(SMALLEST_CHUNK, "64k")),
    }),
  };
}

/** `USER:PASSWORD`; a password that is not there is asked for. @throws usage */
export async function parseCredentials(text: string, spelling: string, io: Io): Promise<UserPassword> {
  const colon = text.indexOf(":");
  const username = colon < 0 ? text : text.slice(0, colon);
  if (username === "") throw usageError(`invalid argument for "${spelling}" flag: expected USER:PASSWORD`);
  const otherwise = "Log in with tsbuild login --password-stdin before.";
  if (colon < 0) return { username, password: await ask("Password: ", io, { hidden: true, otherwise }) };
  warnOfPassword(spelling, io);
  return { username, password: text.slice(colon + 1) };
}

/** What `--creds` says, for the registries of the images of these names. @throws usage, bad_reference */
export async function credentialsFor(
  names: readonly string[],
  flags: FlagValues,
  io: Io,
): Promise<Pick<RegistryOptions, "credentials">> {
  const text = flags.text("creds");
  if (text === undefined) return {};
  if (names.length === 0) throw usageError("--creds needs a name whose registry they are for", "Add -t NAME.");
  const credentials = await parseCredentials(text, "--creds", io);
  return { credentials: Object.fromEntries(names.map((name) => [registryOfImage(name), credentials])) };
}

/** What `--creds` says, for the registry of a place that images are copied from or to. @throws usage where that is none, bad_reference */
export async function credentialsForPlace(
  place: string,
  flags: FlagValues,
  io: Io,
): Promise<Pick<RegistryOptions, "credentials">> {
  const text = flags.text("creds");
  const registry = registryOfTransport(place);
  if (text === undefined) return {};
  if (registry === undefined) throw usageError(`--creds is for a registry, found "${place}"`, "Leave it out.");
  return { credentials: { [registry]: await parseCredentials(text, "--creds", io) } };
}

/** What `--creds` says, for the registries of those places that are named with `docker://`. @throws usage where there is none */
export async function credentialsForPlaces(
  places: readonly string[],
  flags: FlagValues,
  io: Io,
): Promise<Pick<RegistryOptions, "credentials">> {
  const remote = places.filter((place) => place.startsWith("docker://"));
  if (flags.text("creds") === undefined) return {};
  if (remote.length === 0)
    throw usageError("--creds is for a registry, found none", "Write docker:// before the name.");
  return credentialsFor(
    remote.map((place) => place.slice("docker://".length)),
    flags,
    io,
  );
}

/** A password among the arguments is in the list of processes: for as short a time as can be. */
export function warnOfPassword(spelling: string, { stderr }: Io): void {
  process.title = "tsbuild";
  stderr.write(`warning: a password given by ${spelling} can be seen by others; use tsbuild login --password-stdin\n`);
}

function parseMirrors(values: readonly string[]): { mirrors: Record<string, string[]>; insecure: string[] } {
  const mirrors: Record<string, string[]> = {};
  const insecure: string[] = [];
  for (const value of values) {
    const [, registry = HUB, scheme, place = ""] = /^(?:([^=]*)=)?(https?:\/\/)?(.*?)\/*$/.exec(value) ?? [];
    if (
      place.includes("..") ||
      !/^[\w.-]+(?::\d+)?(?:\/[\w./-]+)?$/.test(place) ||
      !/^[\w.-]+(?::\d+)?$/.test(registry)
    )
      throw usageError(
        `invalid argument "${value}" for "--registry-mirror" flag: expected [REGISTRY=]HOST[:PORT][/PATH]`,
      );
    (mirrors[registry] ??= []).push(place);
    if (scheme === "http://") insecure.push(place.split("/")[0]!);
  }
  return { mirrors, insecure };
}

function counted(
  flags: FlagValues,
  name: string,
  parse: (text: string, spelling: string) => number,
): number | undefined {
  const text = flags.text(name);
  return text === undefined ? undefined : parse(text, `--${name}`);
}

function atLeast(least: number, named: string): (text: string, spelling: string) => number {
  return (text, spelling) => {
    const bytes = parseBytes(text, spelling);
    if (bytes >= least) return bytes;
    throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected at least ${named}`);
  };
}
