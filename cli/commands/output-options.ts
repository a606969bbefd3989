// Flags that say where the image goes, and what becomes of it on the way → options of `build()`.

import { Writable } from "node:stream";
import type { BuildOptions, OutputSpec, Squash } from "../../index.js";
import { parseAnnotation } from "../flags/annotation-spec.js";
import { imageFormat } from "../flags/check-flags.js";
import type { FlagValues } from "../flags/flag-values.js";
import { impliesStdout, parseOutput } from "../flags/output-spec.js";
import { usageError } from "../flags/usage-error.js";
import { parseBool } from "../flags/values.js";
import type { Io } from "../io.js";

/** @throws usage */
export function outputOptions(flags: FlagValues, io: Pick<Io, "env" | "stdout">): BuildOptions {
  const squash = parseSquash(flags.text("squash") ?? (flags.boolIfGiven("layers") === false ? "new" : "false"));
  const epoch = flags.text("source-date-epoch");
  const timestamp = flags.text("timestamp");
  const format = imageFormat(flags);
  if (flags.text("skip-unused-stages") === "false")
    throw usageError(
      "--skip-unused-stages=false is not supported by this version",
      "Build the other stages by --target STAGE.",
    );
  return {
    ...destinations(flags, io),
    annotations: flags.list("annotation").flatMap(parseAnnotation),
    unsetEnv: flags.list("unsetenv"),
    unsetLabels: flags.list("unsetlabel"),
    createdAnnotation: flags.bool("created-annotation"),
    identityLabel: flags.bool("identity-label"),
    omitHistory: flags.bool("omit-history"),
    rewriteTimestamp: flags.bool("rewrite-timestamp"),
    verifyReproducible: flags.bool("verify-reproducible"),
    inheritLabels: flags.text("inherit-labels") !== "false",
    inheritAnnotations: flags.text("inherit-annotations") === "true",
    unsetAnnotations: flags.list("unsetannotation"),
    ...(format && { format }),
    ...(squash && { squash }),
    ...(epoch !== undefined && { sourceDateEpoch: parseEpoch(epoch, "source-date-epoch") }),
    ...(timestamp !== undefined && { timestamp: parseEpoch(timestamp, "timestamp") }),
  };
}

function destinations(flags: FlagValues, io: Pick<Io, "env" | "stdout">): Pick<BuildOptions, "outputs" | "push"> {
  if (isCi(io.env) && flags.list("output").some(impliesStdout))
    throw usageError("--output type=tar: dest is missing, and CI=true", "Add dest=FILE, or dest=- for stdout.");
  const given = flags.list("output").map(parseOutput);
  if (given.filter((spec) => "dest" in spec && spec.dest === "-").length > 1)
    throw usageError("--output: only one output can go to stdout", "Name a file for the others: dest=FILE.");
  const isLoaded = given.some((spec) => spec.type === "docker" && spec.dest === undefined);
  const loads: OutputSpec[] = flags.bool("load") && !isLoaded ? [{ type: "docker" }] : [];
  const specs = [...given, ...loads].map((spec) => toStdout(spec, io));
  const push = flags.bool("push");
  if (specs.length === 0) return { push };
  const isPushed = specs.some((spec) => spec.type === "registry" || (spec.type === "image" && spec.push));
  return { outputs: push && !isPushed ? [...specs, { type: "registry" }] : specs };
}

/** What an archive does to a log is worse than to name the place. */
function isCi({ CI = "" }: Io["env"]): boolean {
  return !["", "0", "false"].includes(CI.toLowerCase());
}

function toStdout(spec: OutputSpec, { stdout }: Pick<Io, "stdout">): OutputSpec {
  if (!("dest" in spec) || spec.dest !== "-" || spec.type === "local") return spec;
  if (stdout.isTTY)
    throw usageError("an archive cannot be written to a terminal", "Redirect stdout, or name a file: dest=FILE.");
  return { ...spec, dest: keptOpen(stdout) };
}

/** Whoever writes an archive ends the stream; the process still has to see that all of stdout is taken. */
function keptOpen(stdout: NodeJS.WritableStream): Writable {
  return new Writable({ write: (chunk: Uint8Array, _encoding, done) => void stdout.write(chunk, done) });
}

/** As docker has it, true or false; or `new`, `all`, and numbers of layers: `2-4`, `3-3`, `3`. */
function parseSquash(text: string): Squash | undefined {
  if (text === "all" || text === "new") return text;
  const [, from, to] = /^([1-9]\d{0,3})-([1-9]\d{0,3})$/.exec(text) ?? [];
  if (from !== undefined && Number(from) < Number(to)) return { from: Number(from), to: Number(to) };
  if (/^(?:[2-9]|[1-9]\d{1,3})$/.test(text) || (from !== undefined && from === to))
    throw usageError(`--squash=${text} is one layer, which stays as it is`, "Give a range of layers, such as 2-4.");
  try {
    return parseBool(text, "--squash") ? "new" : undefined;
  } catch {
    throw usageError(`--squash=${text}: expected new, all, or numbers of layers such as 2-4`);
  }
}

function parseEpoch(text: string, flag: string): number {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw usageError(`--${flag} ${text}: expected whole seconds since 1970`);
}
