// `tsbuild pull`, `tsbuild push`: progress on stderr, on stdout what docker says at the end.

import {
  type PulledImage,
  pullAllTags,
  pullImage,
  type PushedImage,
  pushAllTags,
  pushImage,
  type RegistryCommandOptions,
} from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { registryName } from "./registry-name.js";
import { credentialsFor, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

export async function runPull({ flags, args: [word = ""] }: Call, io: Io): Promise<number> {
  const name = registryName(word);
  const isAll = flags.bool("all-tags");
  if (isAll) refuseTag(name);
  else tellDefaultTag(name, flags, io);
  const onPulled = (image: PulledImage) => io.stdout.write(flags.bool("quiet") ? `${image.name}\n` : pullText(image));
  await withProgress(name, flags, io, async (options) => {
    if (isAll) await pullAllTags(name, { ...options, onPulled });
    else onPulled(await pullImage(name, options));
  });
  return ExitCode.success;
}

export async function runPush({ flags, args: [word = ""] }: Call, io: Io): Promise<number> {
  const name = registryName(word);
  const isAll = flags.bool("all-tags");
  if (isAll) refuseTag(name);
  else tellDefaultTag(name, flags, io);
  const pushed = await withProgress(name, flags, io, async (options) =>
    isAll ? pushAllTags(name, options) : [await pushImage(name, options)],
  );
  io.stdout.write(pushed.map((image) => (flags.bool("quiet") ? `${image.name}\n` : pushText(image))).join(""));
  return ExitCode.success;
}

function pullText({ name, digest, isNew }: PulledImage): string {
  const status = isNew ? "Downloaded newer image for" : "Image is up to date for";
  return `Digest: ${digest}\nStatus: ${status} ${familiar(name)}\n${name}\n`;
}

function pushText({ name, descriptor: { digest, size } }: PushedImage): string {
  return `${name.slice(name.lastIndexOf(":") + 1)}: digest: ${digest} size: ${size}\n`;
}

function familiar(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, "");
}

function tellDefaultTag(name: string, flags: FlagValues, { stdout }: Io): void {
  if (!flags.bool("quiet") && !/[:@][^/]*$/.test(name)) stdout.write("Using default tag: latest\n");
}

function refuseTag(name: string): void {
  if (!/[:@][^/]*$/.test(name)) return;
  throw usageError(`--all-tags takes a repository, found "${name}"`, "Leave the tag out.");
}

async function withProgress<Value>(
  name: string,
  flags: FlagValues,
  io: Io,
  transfer: (options: RegistryCommandOptions) => Promise<Value>,
): Promise<Value> {
  const mode = flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env);
  const progress = openProgress(mode, io.stderr, io.env);
  const options = {
    ...storeOptions(flags),
    ...given({ platform: flags.text("platform") }),
    ...registryOptions(flags),
    ...(await credentialsFor([name], flags, io)),
    signal: io.signal,
  };
  return transfer({ ...options, onEvent: progress.onEvent }).finally(() => progress.end());
}
