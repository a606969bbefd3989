// `tsbuild pull`, `tsbuild push`

import { type Descriptor, pullImage, pushImage } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { credentialsFor, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

type Transfer = typeof pullImage;

export function runPull({ flags, args }: Call, io: Io): Promise<number> {
  const platform = given({ platform: flags.text("platform") });
  return show((name, options) => pullImage(name, { ...options, ...platform }), args[0]!, flags, io);
}

export function runPush({ flags, args }: Call, io: Io): Promise<number> {
  return show(pushImage, args[0]!, flags, io);
}

/** Prints the progress, then the digest of the manifest. */
async function show(transfer: Transfer, name: string, flags: FlagValues, io: Io): Promise<number> {
  const mode = flags.bool("quiet") ? "quiet" : chooseMode("auto", io.stderr, io.env);
  const progress = openProgress(mode, io.stderr, io.env);
  const options = {
    ...storeOptions(flags),
    ...registryOptions(flags),
    ...(await credentialsFor([name], flags, io)),
    signal: io.signal,
  };
  const descriptor: Descriptor = await transfer(name, { ...options, onEvent: progress.onEvent }).finally(() =>
    progress.end(),
  );
  io.stdout.write(`${descriptor.digest}\n`);
  return ExitCode.success;
}
