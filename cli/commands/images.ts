// `tsbuild images`, `tag`, `rmi`, `inspect`: what the store has, and how it is named.

import { type ImageSummary, inspectImage, listImages, removeImage, tagImage } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { formatBytes } from "../progress/format.js";
import { storeOptions } from "./store-options.js";

export async function runImages({ flags }: Call, { stdout }: Io): Promise<number> {
  const images = await listImages(storeOptions(flags));
  if (flags.bool("quiet")) stdout.write(images.map(({ imageId }) => `${imageId}\n`).join(""));
  else if (flags.text("format") === "json") stdout.write(`${JSON.stringify(images, null, 2)}\n`);
  else stdout.write(table(images));
  return ExitCode.success;
}

export async function runTag({ flags, args }: Call): Promise<number> {
  await tagImage(args[0]!, args[1]!, storeOptions(flags));
  return ExitCode.success;
}

/** Takes away as many as it can; the first that is not there ends it. */
export async function runRmi({ flags, args }: Call, { stdout }: Io): Promise<number> {
  for (const name of args) {
    await removeImage(name, storeOptions(flags));
    stdout.write(`Untagged: ${name}\n`);
  }
  return ExitCode.success;
}

export async function runInspect({ flags, args }: Call, { stdout }: Io): Promise<number> {
  stdout.write(`${JSON.stringify(await inspectImage(args[0]!, storeOptions(flags)), null, 2)}\n`);
  return ExitCode.success;
}

function table(images: readonly ImageSummary[]): string {
  const rows = images.map(({ name, imageId, created, size }) => [
    name,
    imageId.slice(7, 19),
    created ?? "",
    formatBytes(size),
  ]);
  const all = [["NAME", "IMAGE ID", "CREATED", "SIZE"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}
