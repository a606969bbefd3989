// `tsbuild [build]`

import { build, type BuildResult, StepError } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode, exitCodeOf } from "../exit-code.js";
import { type CallRequest, callRequest } from "../flags/check-flags.js";
import { PROGRESS_MODES, WITHOUT_EFFECT } from "../flags/build-flags.js";
import type { FlagValues } from "../flags/flag-values.js";
import { checkWatchFlags } from "../flags/watch-flags.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress, type Progress } from "../progress/progress.js";
import { warningAnnotations } from "../report/build-annotations.js";
import { printWarnings } from "../report/warnings.js";
import { reportFailure } from "../report/failure.js";
import { buildInput } from "./build-input.js";
import { buildOptions } from "./build-options.js";
import { onStepFailure, parseOnError } from "./on-error.js";
import { credentialsFor } from "./registry-options.js";
import { metadataProvenance, prepareResultFiles, writeResultFiles } from "./result-files.js";

/** Failures of the build itself are reported here, where the progress is known; wrong words of the command line are thrown. */
export async function runBuild({ flags, args }: Call, io: Io): Promise<number> {
  const options = { ...buildOptions(flags, io), ...metadataProvenance(flags, io.env) };
  checkWatchFlags(flags);
  const request = callRequest(flags);
  if (request) return call(request, { flags, args }, io);
  const debug = flags.bool("debug");
  const onError = parseOnError(flags.text("on-error"));
  noteWithoutEffect(flags, io);
  await prepareResultFiles(flags);
  const input = await buildInput(args[0]!, flags.text("file"), io);
  const who = await credentialsFor(options.tags ?? [], flags, io);
  if (flags.bool("watch")) {
    const { runWatch } = await import("./watch.js");
    return runWatch({ ...options, ...input, ...who, signal: io.signal }, flags, io);
  }
  const progress = openProgress(modeOf(flags, io), io.stderr, io.env, { namesBuilder: true });
  const notes: string[] = [];
  try {
    const onNote = (text: string) => void notes.push(text);
    const failure = onStepFailure(onError, { io, progress, onNote });
    const watching = { signal: io.signal, onEvent: progress.onEvent, ...(failure && { onStepFailure: failure }) };
    const result = await build({ ...options, ...input, ...watching, ...who });
    progress.end();
    await writeResultFiles(result, { view: progress.view, env: io.env }, flags);
    finish(result, progress, debug, io);
    return ExitCode.success;
  } catch (error) {
    progress.end();
    if (exitCodeOf(error) === ExitCode.usage && !(error instanceof StepError)) throw error;
    const code = reportFailure(error, { io, progress, debug });
    for (const note of notes) io.stderr.write(note);
    return code;
  }
}

/** Failures are thrown: there is no progress that would show them. */
async function call(request: CallRequest, { flags, args }: Call, io: Io): Promise<number> {
  const input = await buildInput(args[0]!, flags.text("file"), io);
  const { runCall } = await import("./call.js");
  return runCall(request, { ...buildOptions(flags, io), ...input, signal: io.signal }, io);
}

function modeOf(flags: FlagValues, { stderr, env }: Io): Progress["mode"] {
  const wanted = flags.word("progress", PROGRESS_MODES) ?? "auto";
  return flags.bool("quiet") ? "quiet" : chooseMode(wanted, stderr, env);
}

function noteWithoutEffect(flags: FlagValues, { stderr }: Io): void {
  for (const [name, why] of Object.entries(WITHOUT_EFFECT))
    if (flags.bool(name)) stderr.write(`note: --${name} has no effect: ${why}\n`);
}

function finish(result: BuildResult, { view, mode }: Progress, debug: boolean, io: Io): void {
  if (mode === "quiet") io.stdout.write(`${result.imageId}\n`);
  else if (mode !== "rawjson") printWarnings(view.warnings, { io, debug });
  if (mode === "github") for (const line of warningAnnotations(view.warnings)) io.stderr.write(`${line}\n`);
}
