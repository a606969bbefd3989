// `tsbuild report`: an image as one page of HTML.

import { reportImage } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { replaceFile } from "../../internal.js";
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
    await replaceFile(output, page);
    stderr.write(`the report is in ${output}\n`);
  }
  return ExitCode.success;
}
