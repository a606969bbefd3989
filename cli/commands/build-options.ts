// Flags of `tsbuild build` → options of `build()`.

import type { BuildOptions, OutputSpec } from "../../index.js";
import type { FlagValues } from "../flags/flag-values.js";
import { parseCacheFrom, parseCacheTo } from "../flags/cache-spec.js";
import { parseOutput } from "../flags/output-spec.js";
import { parseMount, parseVolume } from "../flags/mount-spec.js";
import { runSettings } from "../flags/run-settings.js";
import { parseSecret, parseSsh } from "../flags/secret-spec.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment, splitFields } from "../flags/values.js";
import type { Io } from "../io.js";

/** All options but the context, the Dockerfile, and what watches the build. @throws usage */
export function buildOptions(flags: FlagValues, io: Pick<Io, "env" | "stdout">): BuildOptions {
  const outputs = flags.list("output").map(parseOutput);
  const specs = outputs.map(({ spec }) => toStdout(spec, io));
  return {
    tags: [...flags.list("tag"), ...outputs.flatMap(({ tags }) => tags)],
    buildArgs: buildArgs(flags.list("build-arg"), io.env),
    labels: labels(flags.list("label")),
    buildContexts: buildContexts(flags.list("build-context")),
    ...destinations(specs, flags.bool("push")),
    cacheFrom: flags.list("cache-from").map(parseCacheFrom),
    cacheTo: flags.list("cache-to").map(parseCacheTo),
    ...(flags.text("cache") === "auto" && { cache: "auto" }),
    noCache: flags.bool("no-cache"),
    noCacheFilter: flags.list("no-cache-filter").flatMap((value) => splitFields(value, "--no-cache-filter")),
    pull: flags.bool("pull") ? "always" : "missing",
    secrets: Object.fromEntries(flags.list("secret").map((text) => parseSecret(text, io.env))),
    ssh: Object.fromEntries(flags.list("ssh").map((text) => parseSsh(text, io.env))),
    allowSecretInLayer: flags.bool("allow-secret-in-layer"),
    ...runSettings(flags),
    ...mounts(flags),
    insecureRegistries: flags.list("insecure-registry"),
    ...single(flags),
  };
}

function single(flags: FlagValues): BuildOptions {
  const jobs = flags.int("jobs");
  const network = flags.text("network") as BuildOptions["network"];
  return {
    ...text(flags, "target", "target"),
    ...text(flags, "platform", "platform"),
    ...text(flags, "oci-runtime", "ociRuntime"),
    ...text(flags, "home", "home"),
    ...(jobs !== undefined && { jobs }),
    ...(network !== undefined && { network }),
  };
}

function text<Key extends string>(flags: FlagValues, name: string, key: Key): { readonly [K in Key]?: string } {
  const value = flags.text(name);
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: string });
}

function destinations(specs: readonly OutputSpec[], push: boolean): Pick<BuildOptions, "outputs" | "push"> {
  if (specs.length === 0) return { push };
  const isPushed = specs.some(({ type }) => type === "registry");
  return { outputs: push && !isPushed ? [...specs, { type: "registry" }] : specs };
}

function toStdout(spec: OutputSpec, io: Pick<Io, "stdout">): OutputSpec {
  if (!("dest" in spec) || spec.dest !== "-") return spec;
  const { stdout } = io;
  if (stdout.isTTY)
    throw usageError("an archive cannot be written to a terminal", "Redirect stdout, or name a file: dest=FILE.");
  return { ...spec, dest: stdout };
}

function mounts(flags: FlagValues): Pick<BuildOptions, "mounts"> {
  const given = [...flags.list("volume").map(parseVolume), ...flags.list("mount").map(parseMount)];
  return given.length > 0 ? { mounts: given } : {};
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
