// `tsbuild context`: what a build would read of a folder, and which line of the ignore file decides.

import { describeBuildContext, explainContextPath } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { contextText, pathText } from "../report/context.js";
import { json } from "../report/json-parts.js";
import { given } from "./store-options.js";

/** @throws context_not_found, bad_context, bad_pattern, dockerfile_not_found */
export async function runContext({ flags, args: [context = "."] }: Call, { stdout, signal }: Io): Promise<number> {
  const options = { context, ...given({ dockerfile: flags.text("file") }), signal };
  const isJson = flags.text("format") === "json";
  const path = flags.text("why");
  if (path !== undefined) {
    const report = await explainContextPath(path, options);
    stdout.write(isJson ? json(report) : pathText(report));
  } else {
    const report = await describeBuildContext(options);
    stdout.write(isJson ? json(report) : contextText(context, report));
  }
  return ExitCode.success;
}
