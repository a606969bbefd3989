// `tsbuild save` and `tsbuild load`: images in archives.

import { loadImages, pushImage, saveImages } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
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
  if (flags.text("format") === "oci-dir") return saveLayout(flags, args, { output, signal });
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

/** An ID gives no name. */
const ID = /^(?:sha256:)?[0-9a-f]{12,64}$/;

/** Into a folder, under the names that are given. */
async function saveLayout(
  flags: FlagValues,
  images: readonly string[],
  { output, signal }: { readonly output: string; readonly signal: AbortSignal },
): Promise<number> {
  if (output === "-") throw usageError("--format=oci-dir writes a folder, expected its path", "Name it with -o.");
  const options = { ...storeOptions(flags), ...given({ platform: flags.text("platform") }), signal };
  for (const image of images) {
    const name = /:[^/]*$/.test(image) ? image : `${image}:latest`;
    await pushImage(image, { ...options, to: ID.test(image) ? `oci:${output}` : `oci:${output}:${name}` });
  }
  return ExitCode.success;
}

/** Names what was loaded, as docker does. */
export async function runLoad({ flags }: Call, { stdin, stdout, signal }: Io): Promise<number> {
  const input = flags.text("input") ?? "-";
  if (input === "-" && stdin.isTTY)
    throw usageError("an archive is not read from a terminal", "Name a file with -i, or redirect the input.");
  const loaded = await loadImages(input === "-" ? stdin : input, {
    ...storeOptions(flags),
    ...given({ platform: flags.text("platform") }),
    signal,
  });
  for (const { imageId, names } of loaded) {
    for (const name of names) stdout.write(flags.bool("quiet") ? `${name}\n` : `Loaded image: ${name}\n`);
    if (names.length === 0) stdout.write(flags.bool("quiet") ? `${imageId}\n` : `Loaded image ID: ${imageId}\n`);
  }
  return ExitCode.success;
}
