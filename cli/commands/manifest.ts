// `tsbuild manifest create|add|annotate|remove|rm|inspect|push`
// https://docs.docker.com/reference/cli/docker/manifest/, https://github.com/containers/buildah/blob/main/docs/buildah-manifest.1.md

import {
  addToManifest,
  annotateManifest,
  createManifest,
  inspectManifest,
  pushManifest,
  removeFromManifest,
  removeManifest,
} from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment } from "../flags/values.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { forEach } from "./each.js";
import { registryName } from "./registry-name.js";
import { credentialsFor, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

export async function runManifestCreate({ flags, args: [word = "", ...images] }: Call, io: Io): Promise<number> {
  const name = registryName(word);
  const amend = flags.bool("amend");
  return print(io, await createManifest(name, images, { ...(await registries(name, flags, io)), amend }));
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

export async function runManifestAnnotate({ flags, args: [name = "", which = ""] }: Call, io: Io): Promise<number> {
  return print(io, await annotateManifest(name, which, edits(flags), storeOptions(flags)));
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

export async function runManifestPush({ flags, args: [word = "", destination] }: Call, io: Io): Promise<number> {
  if (flags.boolIfGiven("all") === false)
    throw usageError(
      "--all=false: an index is pushed with all its images",
      "Push one of them: tsbuild push --platform.",
    );
  const name = registryName(word);
  const to = destination === undefined ? undefined : registryName(destination);
  const progress = openProgress(
    flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env),
    io.stderr,
    io.env,
  );
  try {
    const target = to === undefined ? {} : { to };
    const options = { ...(await registries(to ?? name, flags, io)), ...target, onEvent: progress.onEvent };
    return print(io, (await pushManifest(name, options)).descriptor);
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
  const annotations = Object.fromEntries(flags.list("annotation").map(annotation));
  return { annotations, ...given({ platform, os, architecture, variant }) };
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
