// `tsbuild copy`: progress on stderr, on stdout the digest.

import { copy, type CopyOptions, type RegistryOptions } from "../../index.js";
import { hostPlatform, registryOfTransport, replaceFile } from "../../internal.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { platformOfParts } from "../flags/transfer-flags.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { parseCredentials, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

export async function runCopy({ flags, args: [source = "", destination = ""] }: Call, io: Io): Promise<number> {
  const chosen = chosenPlatform(flags);
  if (flags.bool("all") && Object.keys(chosen).length > 0) throw usageError("--all and --platform exclude each other");
  if (flags.bool("remove-signatures") && flags.bool("referrers"))
    throw usageError("--remove-signatures and --referrers exclude each other");
  if (flags.boolIfGiven("remove-signatures") === false && !flags.bool("referrers"))
    throw usageError("--remove-signatures=false: signatures are copied by --referrers alone", "Add --referrers.");
  if (flags.bool("preserve-digests") && destination.startsWith("docker-archive:"))
    throw usageError(`--preserve-digests: "${destination}" has no manifest`, "Copy to oci-archive:FILE.");
  const credentials = {
    ...(await credentialsOf("src-creds", source, flags, io)),
    ...(await credentialsOf("dest-creds", destination, flags, io)),
  };
  const mode = flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env);
  const progress = openProgress(mode, io.stderr, io.env);
  const options: CopyOptions = {
    ...storeOptions(flags),
    ...withInsecure(registryOptions(flags), flags, [source, destination]),
    ...chosen,
    all: flags.bool("all"),
    referrers: flags.bool("referrers"),
    credentials,
    signal: io.signal,
    onEvent: progress.onEvent,
  };
  const copied = await copy(source, destination, options).finally(() => progress.end());
  const { descriptor } = copied;
  if (copied.chosen !== undefined)
    io.stderr.write(`note: copied the image for ${copied.chosen} of the index: ${destination} holds one image\n`);
  const digestFile = flags.text("digestfile");
  if (digestFile !== undefined) await replaceFile(digestFile, descriptor.digest);
  io.stdout.write(`${descriptor.digest}\n`);
  return ExitCode.success;
}

/** What --platform says, or the flags of skopeo, which choose of indexes alone. @throws usage for both */
function chosenPlatform(flags: FlagValues): Pick<CopyOptions, "platform" | "platformOfIndex"> {
  const [os, architecture, variant] = ["os", "arch", "variant"].map((part) => flags.text(`override-${part}`));
  const parts = platformOfParts({ os, architecture, variant });
  const choice = flags.text("multi-arch");
  const platform = flags.text("platform");
  if (parts !== undefined && platform !== undefined)
    throw usageError("--platform says what --override-os and --override-arch do", "Leave one of them out.");
  if (choice === "all" && (parts ?? platform) !== undefined)
    throw usageError("--multi-arch=all and the choice of a platform exclude each other");
  const own = choice === "system" ? platformOfParts({ variant: undefined, ...hostPlatform() }) : undefined;
  return given({ platform, platformOfIndex: platform === undefined ? (parts ?? own) : undefined });
}

/** `--src-tls-verify=false` and `--dest-tls-verify=false` are about one registry each. @throws usage for a place that is none */
function withInsecure(options: RegistryOptions, flags: FlagValues, places: readonly string[]): RegistryOptions {
  const insecure = ["src-tls-verify", "dest-tls-verify"].flatMap((name, position) => {
    if (flags.boolIfGiven(name) !== false) return [];
    const place = places[position]!;
    const registry = registryOfTransport(place);
    if (registry === undefined) throw usageError(`--${name} is for a registry, found "${place}"`, "Leave it out.");
    return [registry];
  });
  return { ...options, insecureRegistries: [...(options.insecureRegistries ?? []), ...insecure] };
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
