// `tsbuild shell` and `tsbuild replay`: a shell at a step of a Dockerfile, or in a failed step that was saved.

import { openShell, replayStep } from "../../index.js";
import type { Call } from "../command.js";
import { PROGRESS_MODES } from "../flags/build-flags.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress } from "../progress/progress.js";
import { reportFailure } from "../report/failure.js";
import { buildInput } from "./build-input.js";
import { buildOptions } from "./build-options.js";
import { given, snapshotterOf, storeOptions } from "./store-options.js";

/** Returns the exit code of the shell. */
export async function runShell({ flags, args: [path, ...args] }: Call, io: Io): Promise<number> {
  const options = buildOptions(flags, io);
  const input = await buildInput(path!, flags.text("file"), io);
  const mode = chooseMode(flags.word("progress", PROGRESS_MODES) ?? "auto", io.stderr, io.env);
  const progress = openProgress(mode, io.stderr, io.env);
  try {
    const step = flags.int("step");
    const chosen = { ...(step !== undefined && { step }), ...(args.length > 0 && { args }) };
    return await openShell({
      ...options,
      ...input,
      ...chosen,
      signal: io.signal,
      onEvent: progress.onEvent,
      onReady: () => progress.end(),
    });
  } catch (error) {
    progress.end();
    return reportFailure(error, { io, progress, debug: flags.bool("debug") });
  }
}

/** Returns the exit code of the shell. */
export async function runReplay({ flags, args: [file, ...args] }: Call, { stderr, signal }: Io): Promise<number> {
  return replayStep(file!, {
    ...storeOptions(flags),
    ...given({ ociRuntime: flags.text("oci-runtime") }),
    ...snapshotterOf(flags),
    ...(args.length > 0 && { args }),
    again: flags.bool("again"),
    onReady: ({ args: failed, message }) => void stderr.write(`the step ran: ${JSON.stringify(failed)}\n${message}\n`),
    signal,
  });
}
