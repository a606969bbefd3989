// `tsbuild pull`, `tsbuild push`: progress on stderr, on stdout what docker says at the end.

import {
  pullAllTags,
  type PullCommandOptions,
  type PulledImage,
  pullImage,
  pushAllTags,
  type PushedToPlace,
  pushImage,
  type RegistryCommandOptions,
} from "../../index.js";
import { registryOfTransport, replaceFile } from "../../internal.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { platformOf, pushForm } from "../flags/transfer-flags.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { registryName } from "./registry-name.js";
import { credentialsForPlace, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

export async function runPull({ flags, args: [word = ""] }: Call, io: Io): Promise<number> {
  const isAll = flags.bool("all-tags");
  if (isAll) refuseTag(word);
  else tellDefaultTag(word, flags, io);
  const onPulled = (image: PulledImage): void => {
    tellPlatform(image, io);
    io.stdout.write(flags.bool("quiet") ? `${image.name ?? image.imageId}\n` : pullText(image));
  };
  const policy = flags.text("policy")?.replace(/^if/, "") as PullCommandOptions["policy"];
  if (isAll && policy !== undefined && policy !== "always")
    throw usageError("--all-tags asks the registry which tags there are", "Leave --policy out, or write always.");
  const choice = given({ platform: platformOf(flags) });
  await withProgress(word, flags, io, async (running) => {
    const options = { ...running, ...choice };
    if (isAll) await pullAllTags(registryName(word), { ...options, onPulled });
    else onPulled(await pullImage(word, { ...options, ...given({ policy }) }));
  });
  return ExitCode.success;
}

export async function runPush({ flags, args: [word = "", to] }: Call, io: Io): Promise<number> {
  const isAll = flags.bool("all-tags");
  const choice = given({ form: pushForm(flags), platform: flags.text("platform") });
  const digestFile = flags.text("digestfile");
  if (isAll && (to !== undefined || digestFile !== undefined))
    throw usageError("--all-tags pushes several images, each to its own name", "Push them one by one.");
  if (isAll) refuseTag(word);
  else if (to === undefined) tellDefaultTag(word, flags, io);
  const pushed = await withProgress(to ?? word, flags, io, async (options) => {
    const pushing = { ...options, ...choice };
    return isAll ? pushAllTags(registryName(word), pushing) : [await pushImage(word, { ...pushing, ...given({ to }) })];
  });
  if (digestFile !== undefined) await replaceFile(digestFile, pushed[0]!.descriptor.digest);
  for (const image of pushed) tellPushed(image, flags, io);
  return ExitCode.success;
}

function tellPushed(image: PushedToPlace, flags: FlagValues, { stdout, stderr }: Io): void {
  const { name, chosen } = image;
  if (chosen !== undefined)
    stderr.write(`note: copied the image for ${chosen} of the index: ${name} holds one image\n`);
  stdout.write(flags.bool("quiet") ? `${name}\n` : pushText(image));
}

/** As podman has it. */
function tellPlatform({ platform, expected }: PulledImage, { stderr }: Io): void {
  if (expected !== undefined)
    stderr.write(`warning: image platform (${platform}) does not match the expected platform (${expected})\n`);
}

function pullText({ name, imageId, digest, isNew }: PulledImage): string {
  const status = isNew ? "Downloaded newer image for" : "Image is up to date for";
  return `Digest: ${digest}\nStatus: ${status} ${familiar(name ?? imageId)}\n${name ?? imageId}\n`;
}

function pushText({ name, descriptor: { digest, size } }: PushedToPlace): string {
  const tag = registryOfTransport(name) === undefined ? name : name.slice(name.lastIndexOf(":") + 1);
  return `${tag}: digest: ${digest} size: ${size}\n`;
}

function familiar(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, "");
}

function tellDefaultTag(word: string, flags: FlagValues, { stdout }: Io): void {
  const hasTag = registryOfTransport(word) === undefined || /[:@][^/]*$/.test(registryName(word));
  if (!flags.bool("quiet") && !hasTag) stdout.write("Using default tag: latest\n");
}

function refuseTag(word: string): void {
  const name = registryName(word);
  if (!/[:@][^/]*$/.test(name)) return;
  throw usageError(`--all-tags takes a repository, found "${name}"`, "Leave the tag out.");
}

async function withProgress<Value>(
  place: string,
  flags: FlagValues,
  io: Io,
  transfer: (options: RegistryCommandOptions) => Promise<Value>,
): Promise<Value> {
  const mode = flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env);
  const progress = openProgress(mode, io.stderr, io.env);
  const options = {
    ...storeOptions(flags),
    ...registryOptions(flags),
    ...(await credentialsForPlace(place, flags, io)),
    signal: io.signal,
  };
  return transfer({ ...options, onEvent: progress.onEvent }).finally(() => progress.end());
}
