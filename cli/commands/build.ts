// `tsbuild [build]`

import { build, type BuildResult } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { type ProgressMode, WITHOUT_EFFECT } from "../flags/build-flags.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress, type Progress } from "../progress/progress.js";
import { printWarnings } from "../report/warnings.js";
import { reportFailure } from "../report/failure.js";
import { openInput } from "./build-input.js";
import { buildOptions } from "./build-options.js";
import { removeStale, writeResultFiles } from "./result-files.js";

/** Failures of the build itself are reported here, where the progress is known, and not thrown. */
export async function runBuild({ flags, args }: Call, io: Io): Promise<number> {
  const options = buildOptions(flags, io);
  const mode = flags.bool("quiet")
    ? "quiet"
    : chooseMode((flags.text("progress") ?? "auto") as ProgressMode, io.stderr, io.env);
  for (const name of WITHOUT_EFFECT) {
    if (flags.bool(name)) io.stderr.write(`note: --${name} has no effect: tsbuild keeps no intermediate containers\n`);
  }
  await removeStale(flags);
  const input = await openInput(args[0]!, flags.text("file"), io);
  const progress = openProgress(mode, io.stderr, io.env);
  try {
    const { context, dockerfile } = input;
    const { onEvent } = progress;
    const result = await build({
      ...options,
      context,
      ...(dockerfile !== undefined && { dockerfile }),
      signal: io.signal,
      onEvent,
    });
    progress.end();
    await writeResultFiles(result, options.tags ?? [], flags);
    finish(result, progress, flags.bool("debug"), io);
    return ExitCode.success;
  } catch (error) {
    progress.end();
    return reportFailure(error, { io, progress, debug: flags.bool("debug") });
  } finally {
    await input.dispose();
  }
}

function finish(result: BuildResult, { view, mode }: Progress, debug: boolean, io: Io): void {
  if (mode === "quiet") io.stdout.write(`${result.imageId}\n`);
  else if (mode !== "rawjson") printWarnings(view.warnings, { io, debug });
}
