// `tsbuild manifest create|add|annotate|remove|rm|inspect|push`
// https://docs.docker.com/reference/cli/docker/manifest/, https://github.com/containers/buildah/blob/main/docs/buildah-manifest.1.md

import {
  addToManifest,
  annotateManifest,
  annotateWholeManifest,
  createManifest,
  inspectManifest,
  manifestExists,
  pushManifest,
  removeFromManifest,
  removeManifest,
} from "../../index.js";
import { replaceFile } from "../../internal.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment, splitFields } from "../flags/values.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { forEach } from "./each.js";
import { registryName } from "./registry-name.js";
import { credentialsFor, credentialsForPlace, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

export async function runManifestCreate({ flags, args: [word = "", ...images] }: Call, io: Io): Promise<number> {
  const name = registryName(word);
  const how = { amend: flags.bool("amend"), annotations: annotationsOf(flags) };
  return print(io, await createManifest(name, images, { ...(await registries(name, flags, io)), ...how }));
}

export async function runManifestAdd({ flags, args: [word = "", image = ""] }: Call, io: Io): Promise<number> {
  const name = registryName(word);
  const onReplaced = (replaced: { readonly digest: string; readonly platform: string }) =>
    void io.stderr.write(`note: replaced ${replaced.digest}, the image for ${replaced.platform} in "${name}"\n`);
  return print(
    io,
    await addToManifest(name, image, { ...(await registries(name, flags, io)), ...edits(flags), onReplaced }),
  );
}

export async function runManifestAnnotate({ flags, args: [name = "", which] }: Call, io: Io): Promise<number> {
  const { annotations, ...platform } = edits(flags);
  if (!flags.bool("index")) {
    if (which === undefined) throw usageError("expected an image of the index", "Name one, or annotate with --index.");
    return print(io, await annotateManifest(name, which, { annotations, ...platform }, storeOptions(flags)));
  }
  if (which !== undefined || Object.keys(platform).length > 0)
    throw usageError("--index is about the index itself, which is for no platform", "Give its name and --annotation.");
  return print(io, await annotateWholeManifest(name, annotations, storeOptions(flags)));
}

/** The exit code is the answer, as podman has it. */
export async function runManifestExists({ flags, args: [name = ""] }: Call): Promise<number> {
  return (await manifestExists(name, storeOptions(flags))) ? ExitCode.success : ExitCode.failed;
}

export async function runManifestRemove({ flags, args: [name = "", which = ""] }: Call, io: Io): Promise<number> {
  return print(io, await removeFromManifest(name, which, storeOptions(flags)));
}

/** Takes away as many as it can. */
export async function runManifestRm({ flags, args }: Call, { stdout, stderr }: Io): Promise<number> {
  const remove = async (name: string) => {
    const { untagged, deleted } = await removeManifest(name, storeOptions(flags));
    stdout.write(untagged.map((one) => `Untagged: ${one}\n`).join(""));
    if (deleted !== undefined) stdout.write(`Deleted: ${deleted}\n`);
  };
  return forEach(args, remove, { stderr });
}

export async function runManifestInspect({ flags, args: [name = ""] }: Call, io: Io): Promise<number> {
  const index = await inspectManifest(name, await registries(registryName(name), flags, io));
  io.stdout.write(`${JSON.stringify(index, null, 2)}\n`);
  return ExitCode.success;
}

export async function runManifestPush({ flags, args: [word = "", to] }: Call, io: Io): Promise<number> {
  const name = registryName(word);
  const progress = openProgress(
    flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env),
    io.stderr,
    io.env,
  );
  const places = { ...storeOptions(flags), ...registryOptions(flags), signal: io.signal };
  try {
    const who = await credentialsForPlace(to ?? name, flags, io);
    const pushed = await pushManifest(name, { ...places, ...who, ...given({ to }), onEvent: progress.onEvent });
    const digestFile = flags.text("digestfile");
    if (digestFile !== undefined) await replaceFile(digestFile, pushed.descriptor.digest);
    if (flags.bool("rm")) await removeManifest(name, storeOptions(flags));
    return print(io, pushed.descriptor);
  } finally {
    progress.end();
  }
}

function print({ stdout }: Io, { digest }: { readonly digest: string }): number {
  stdout.write(`${digest}\n`);
  return ExitCode.success;
}

function edits(flags: FlagValues) {
  const [platform, os, architecture, variant] = ["platform", "os", "arch", "variant"].map((name) => flags.text(name));
  const features = flags.list("os-features").flatMap((text) => splitFields(text, "--os-features"));
  const osFeatures = features.length > 0 ? features.filter((one) => one !== "") : undefined;
  const parts = given({ platform, os, architecture, variant, osVersion: flags.text("os-version"), osFeatures });
  return { annotations: annotationsOf(flags), ...parts };
}

function annotationsOf(flags: FlagValues): Readonly<Record<string, string>> {
  return Object.fromEntries(flags.list("annotation").map(annotation));
}

function annotation(word: string): [string, string] {
  const [key, value] = splitAssignment(word);
  if (key !== "" && value !== undefined) return [key, value];
  throw usageError(`--annotation "${word}": expected KEY=VALUE`);
}

async function registries(name: string, flags: FlagValues, io: Io) {
  const { signal } = io;
  return { ...storeOptions(flags), ...registryOptions(flags), ...(await credentialsFor([name], flags, io)), signal };
}
