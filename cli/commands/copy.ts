// `tsbuild copy`: progress on stderr, on stdout the digest.

import { copy, type CopyOptions, type RegistryOptions } from "../../index.js";
import { registryOfTransport } from "../../internal.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { parseCredentials, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

export async function runCopy({ flags, args: [source = "", destination = ""] }: Call, io: Io): Promise<number> {
  const platform = flags.text("platform");
  if (flags.bool("all") && platform !== undefined) throw usageError("--all and --platform exclude each other");
  const credentials = {
    ...(await credentialsOf("src-creds", source, flags, io)),
    ...(await credentialsOf("dest-creds", destination, flags, io)),
  };
  const mode = flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env);
  const progress = openProgress(mode, io.stderr, io.env);
  const options: CopyOptions = {
    ...storeOptions(flags),
    ...registryOptions(flags),
    ...given({ platform }),
    all: flags.bool("all"),
    referrers: flags.bool("referrers"),
    credentials,
    signal: io.signal,
    onEvent: progress.onEvent,
  };
  const { descriptor, chosen } = await copy(source, destination, options).finally(() => progress.end());
  if (chosen !== undefined)
    io.stderr.write(`note: copied the image for ${chosen} of the index: ${destination} holds one image\n`);
  io.stdout.write(`${descriptor.digest}\n`);
  return ExitCode.success;
}

async function credentialsOf(
  name: string,
  place: string,
  flags: FlagValues,
  io: Io,
): Promise<NonNullable<RegistryOptions["credentials"]>> {
  const text = flags.text(name);
  if (text === undefined) return {};
  const registry = registryOfTransport(place);
  if (registry === undefined) throw usageError(`--${name} is for a registry, found "${place}"`);
  return { [registry]: await parseCredentials(text, `--${name}`, io) };
}
