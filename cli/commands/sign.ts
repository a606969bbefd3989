// `tsbuild sign`, `tsbuild verify`

import { signRemoteImage, verifyRemoteImage } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment } from "../flags/values.js";
import type { Io } from "../io.js";
import { credentialsFor, registryOptions } from "./registry-options.js";
import { storeOptions } from "./store-options.js";

export async function runSign({ flags, args: [name = ""] }: Call, io: Io): Promise<number> {
  const recursive = flags.bool("recursive");
  const signed = await signRemoteImage(name, { ...(await options(name, flags, io)), recursive });
  io.stdout.write(signed.map((digest) => `${digest}\n`).join(""));
  return ExitCode.success;
}

export async function runVerify({ flags, args: [name = ""] }: Call, io: Io): Promise<number> {
  const signedFor = flags.text("signed-for");
  const asked = signedFor === undefined ? {} : { signedFor };
  const verified = await verifyRemoteImage(name, { ...(await options(name, flags, io)), ...asked });
  io.stdout.write(`${verified.name}\n`);
  return ExitCode.success;
}

async function options(name: string, flags: FlagValues, io: Io) {
  const key = flags.text("key");
  if (key === undefined) throw usageError("the key is missing", "Add --key FILE.");
  const annotations = Object.fromEntries(flags.list("annotation").map(annotation));
  const registries = { ...registryOptions(flags), ...(await credentialsFor([name], flags, io)) };
  return { ...storeOptions(flags), ...registries, key, annotations, signal: io.signal };
}

function annotation(word: string): [string, string] {
  const [key, value] = splitAssignment(word);
  if (key !== "" && value !== undefined) return [key, value];
  throw usageError(`--annotation "${word}": expected KEY=VALUE`);
}
