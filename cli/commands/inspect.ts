// `tsbuild inspect`, `history`, `diff`: what images are made of.

import { diffImages, imageHistory, inspectImage, readManifest } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { diffJson, diffText } from "../report/diff.js";
import { historyText } from "../report/history.js";
import { imageJson } from "../report/image-json.js";
import { shortId } from "../report/images.js";
import { compileTemplate } from "../template/template.js";
import { jsonText, plain, type Value } from "../template/value.js";
import { forEach } from "./each.js";
import { credentialsForPlaces, registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

/** Prints all that it finds; the others are told after. */
export async function runInspect({ flags, args }: Call, io: Io): Promise<number> {
  const { stdout, stderr } = io;
  const options = await imageOptions(flags, args, io);
  if (flags.bool("raw")) {
    if (args.length > 1) throw usageError("--raw prints one manifest", "Name one image.");
    stdout.write(await readManifest(args[0]!, options));
    return ExitCode.success;
  }
  const print = printerOf(flags.text("format"));
  const found: Value[] = [];
  const code = await forEach(args, async (word) => void found.push(imageJson(await inspectImage(word, options))), {
    stderr,
  });
  stdout.write(print(found));
  return code;
}

/** @throws usage */
function printerOf(format: string | undefined): (images: readonly Value[]) => string {
  if (format === undefined) return (images) => `${JSON.stringify(images.map(plain), null, 4)}\n`;
  const render = format === "json" ? jsonText : compileTemplate(format);
  return (images) => images.map((image) => `${render(image)}\n`).join("");
}

export async function runHistory({ flags, args }: Call, io: Io): Promise<number> {
  const { stdout } = io;
  const entries = await imageHistory(args[0]!, await imageOptions(flags, args, io));
  const noTrunc = flags.bool("no-trunc");
  if (flags.bool("quiet")) {
    const ids = entries.map(({ imageId }) => (imageId === undefined ? "<missing>" : shortId(imageId, noTrunc)));
    stdout.write(ids.map((id) => `${id}\n`).join(""));
    return ExitCode.success;
  }
  const human = flags.boolIfGiven("human") ?? true;
  stdout.write(historyText(entries, { format: flags.text("format") ?? "table", noTrunc, human }));
  return ExitCode.success;
}

export async function runDiff({ flags, args }: Call, io: Io): Promise<number> {
  const { stdout } = io;
  const diff = await diffImages(args[0]!, args[1]!, await imageOptions(flags, args, io));
  stdout.write(flags.text("format") === "json" ? diffJson(diff) : diffText(diff));
  const isSame = diff.files.length === 0 && diff.config.length === 0;
  return flags.bool("exit-code") && !isSame ? ExitCode.failed : ExitCode.success;
}

async function imageOptions(flags: FlagValues, images: readonly string[], io: Io) {
  const who = await credentialsForPlaces(images, flags, io);
  const choice = given({ platform: flags.text("platform") });
  return { ...storeOptions(flags), ...choice, ...registryOptions(flags), ...who, signal: io.signal };
}
