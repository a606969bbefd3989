// `tsbuild report`: an image as one page of HTML.

import { rename, rm, writeFile } from "node:fs/promises";
import { reportImage, TsbuildError } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { given, storeOptions } from "./store-options.js";

export async function runReport({ flags, args }: Call, { stdout, stderr, signal }: Io): Promise<number> {
  const output = flags.text("output") ?? "-";
  if (output === "-" && stdout.isTTY)
    throw usageError("a page is not written to a terminal", "Name a file with -o, or redirect the output.");
  const page = await reportImage(args[0]!, {
    ...storeOptions(flags),
    ...given({ platform: flags.text("platform"), against: flags.text("against") }),
    signal,
  });
  if (output === "-") stdout.write(page);
  else {
    await replace(output, page);
    stderr.write(`the report is in ${output}\n`);
  }
  return ExitCode.success;
}

/** Whole or not at all. @throws output_failed */
async function replace(path: string, text: string): Promise<void> {
  const staged = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(staged, text, { flag: "wx" });
    await rename(staged, path);
  } catch (cause) {
    await rm(staged, { force: true });
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const hint = "Choose a path in a folder that exists and may be written.";
    throw new TsbuildError("output_failed", `cannot write "${path}": ${reason}`, { hint, cause });
  }
}
