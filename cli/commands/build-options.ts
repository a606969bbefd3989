// Flags of `tsbuild build` → options of `build()`.

import type { BuildOptions } from "../../index.js";
import { parseDevice } from "../flags/device-spec.js";
import { PULL_WORDS } from "../flags/build-flags.js";
import { cacheLimits } from "../flags/cache-limit-flags.js";
import type { FlagValues } from "../flags/flag-values.js";
import { attestOptions } from "../flags/attest-flags.js";
import { parseCacheFrom, parseCacheTo, parseMountsFrom, parseMountsTo } from "../flags/cache-spec.js";
import { parseMount, parseVolume } from "../flags/mount-spec.js";
import { platformsOf } from "../flags/platform-flags.js";
import { parseNetwork } from "../flags/network-spec.js";
import { registryOptions } from "./registry-options.js";
import { runSettings } from "../flags/run-settings.js";
import { parseSecret, parseSsh } from "../flags/secret-spec.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment, splitFields } from "../flags/values.js";
import type { Io } from "../io.js";
import { outputOptions } from "./output-options.js";

/** All options but the context, the Dockerfile, and what watches the build. @throws usage */
export function buildOptions(flags: FlagValues, io: Pick<Io, "env" | "stdout">): BuildOptions {
  return {
    tags: flags.list("tag"),
    buildArgs: buildArgs(flags.list("build-arg"), io.env),
    labels: labels(flags.list("label")),
    buildContexts: buildContexts(flags.list("build-context")),
    ...outputOptions(flags, io),
    cacheFrom: flags.list("cache-from").map((text) => parseCacheFrom(text)),
    cacheTo: flags.list("cache-to").map(parseCacheTo),
    cacheMountsFrom: flags.list("cache-mounts-from").map((text) => parseMountsFrom(text)),
    cacheMountsTo: flags.list("cache-mounts-to").map((text) => parseMountsTo(text)),
    ...(flags.text("cache") === "auto" && { cache: "auto" }),
    noCache: flags.bool("no-cache"),
    noCacheFilter: flags.list("no-cache-filter").flatMap((value) => splitFields(value, "--no-cache-filter")),
    pull: pullPolicy(flags),
    ...cacheLimits(flags),
    secrets: Object.fromEntries(flags.list("secret").map((text) => parseSecret(text, io.env))),
    ssh: Object.fromEntries(flags.list("ssh").map((text) => parseSsh(text, io.env))),
    allowSecretInLayer: flags.bool("allow-secret-in-layer"),
    ...runSettings(flags),
    ...mounts(flags),
    ...registryOptions(flags),
    ...attestOptions(flags),
    ...single(flags),
  };
}

function pullPolicy(flags: FlagValues): NonNullable<BuildOptions["pull"]> {
  const word = flags.word("pull", PULL_WORDS) ?? "missing";
  if (word === "true") return "always";
  return word === "false" ? "missing" : word;
}

function single(flags: FlagValues): BuildOptions {
  const jobs = flags.int("jobs");
  const platform = platformsOf(flags);
  const osFeatures = flags.list("os-feature");
  const { network } = parseNetwork(flags.text("network"));
  return {
    ...text(flags, "target", "target"),
    ...text(flags, "oci-runtime", "ociRuntime"),
    ...text(flags, "home", "home"),
    ...text(flags, "sign-by", "signBy"),
    ...text(flags, "source-policy", "sourcePolicy"),
    ...text(flags, "lock-file", "lockFile"),
    ...(flags.bool("locked") && { locked: true }),
    ...(platform !== "" && { platform }),
    ...text(flags, "os-version", "osVersion"),
    ...(flags.bool("all-platforms") && { allPlatforms: true }),
    ...text(flags, "manifest", "manifest"),
    ...(osFeatures.length > 0 && { osFeatures }),
    ...(jobs !== undefined && { jobs }),
    ...(network !== undefined && { network }),
  };
}

function text<Key extends string>(flags: FlagValues, name: string, key: Key): { readonly [K in Key]?: string } {
  const value = flags.text(name);
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: string });
}

function mounts(flags: FlagValues): Pick<BuildOptions, "mounts" | "devices"> {
  const given = [...flags.list("volume").map(parseVolume), ...flags.list("mount").map(parseMount)];
  const devices = flags.list("device").map(parseDevice);
  return { ...(given.length > 0 && { mounts: given }), ...(devices.length > 0 && { devices }) };
}

/** A name without a value takes it from the environment, and is left out when it is not there. */
function buildArgs(words: readonly string[], env: Io["env"]): Record<string, string> {
  const args: Record<string, string> = {};
  for (const word of words) {
    const [name, given] = splitAssignment(word);
    if (name === "") throw usageError(`--build-arg "${word}": expected NAME or NAME=VALUE`);
    const value = given ?? env[name];
    if (value !== undefined) args[name] = value;
  }
  return args;
}

function labels(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => named(word, "--label")).map(([name, value]) => [name, value ?? ""]));
}

function buildContexts(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [name, source] = named(word, "--build-context");
      if (!source) throw usageError(`--build-context "${word}": expected NAME=SOURCE`);
      return [name, source];
    }),
  );
}

function named(word: string, flag: string): readonly [name: string, value: string | undefined] {
  const pair = splitAssignment(word);
  if (pair[0] === "") throw usageError(`${flag} "${word}": the name is missing`);
  return pair;
}
