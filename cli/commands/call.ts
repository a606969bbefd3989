// `tsbuild --check`, `--call=outline`, `--call=targets`: a Dockerfile is looked at, not built.

import {
  type BuildOptions,
  checkDockerfile,
  type CheckResult,
  fixDockerfile,
  type FixResult,
  outlineDockerfile,
  targetsOfDockerfile,
} from "../../index.js";
import { ExitCode } from "../exit-code.js";
import type { CallRequest, CheckFormat } from "../flags/check-flags.js";
import type { Io } from "../io.js";
import { checkCodequality } from "../report/check-codequality.js";
import { checkGithub } from "../report/check-github.js";
import { checkJson } from "../report/check-json.js";
import { checkSarif } from "../report/check-sarif.js";
import { checkText } from "../report/check-text.js";
import { outlineJson, outlineText } from "../report/outline.js";
import { targetsJson, targetsText } from "../report/targets.js";

const CHECK_REPORTS: Readonly<Record<CheckFormat, (result: CheckResult) => string>> = {
  text: checkText,
  json: checkJson,
  sarif: checkSarif,
  github: checkGithub,
  codequality: checkCodequality,
};

/** Prints the result to stdout. The exit code is 1 when something was found. */
export async function runCall(request: CallRequest, options: BuildOptions, io: Io): Promise<number> {
  const { method, format } = request;
  if (method === "check") return runCheck(request, options, io);
  if (method === "outline") {
    const { file, outline } = await outlineDockerfile(options);
    io.stdout.write(format === "json" ? outlineJson(outline, file) : outlineText(outline));
  } else {
    const { file, targets } = await targetsOfDockerfile(options);
    io.stdout.write(format === "json" ? targetsJson(targets, file) : targetsText(targets));
  }
  return ExitCode.success;
}

async function runCheck({ format, fix, ignoreStatus }: CallRequest, options: BuildOptions, io: Io): Promise<number> {
  const result = fix ? await fixDockerfile(options) : await checkDockerfile(options);
  if ("fixes" in result) tellFixes(result as FixResult, io);
  io.stdout.write(CHECK_REPORTS[format](result));
  const isClean = result.warnings.length === 0 && result.error === undefined;
  return isClean || ignoreStatus ? ExitCode.success : ExitCode.failed;
}

function tellFixes({ fixes, file }: FixResult, { stderr }: Io): void {
  for (const { rule, line } of fixes) stderr.write(`fixed ${rule} (${file.path}:${line})\n`);
}
