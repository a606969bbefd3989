// `tsbuild save` and `tsbuild load`: images in archives.

import { loadImages, saveImages } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { given, storeOptions } from "./store-options.js";

const FORMATS: Readonly<Record<string, "docker" | "oci">> = {
  docker: "docker",
  "docker-archive": "docker",
  oci: "oci",
  "oci-archive": "oci",
};

/** Nothing is written to a terminal. */
export async function runSave({ flags, args }: Call, { stdout, signal }: Io): Promise<number> {
  const output = flags.text("output") ?? "-";
  if (output === "-" && stdout.isTTY)
    throw usageError("an archive is not written to a terminal", "Name a file with -o, or redirect the output.");
  const dest = output === "-" ? stdout : output;
  const format = FORMATS[flags.text("format") ?? "docker"]!;
  await saveImages(args, dest, {
    ...storeOptions(flags),
    ...given({ platform: flags.text("platform") }),
    format,
    signal,
  });
  return ExitCode.success;
}

/** Names what was loaded, as docker does. */
export async function runLoad({ flags }: Call, { stdin, stdout, signal }: Io): Promise<number> {
  const input = flags.text("input") ?? "-";
  if (input === "-" && stdin.isTTY)
    throw usageError("an archive is not read from a terminal", "Name a file with -i, or redirect the input.");
  const loaded = await loadImages(input === "-" ? stdin : input, { ...storeOptions(flags), signal });
  for (const { imageId, names } of loaded) {
    for (const name of names) stdout.write(flags.bool("quiet") ? `${name}\n` : `Loaded image: ${name}\n`);
    if (names.length === 0) stdout.write(flags.bool("quiet") ? `${imageId}\n` : `Loaded image ID: ${imageId}\n`);
  }
  return ExitCode.success;
}
