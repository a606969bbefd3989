// `tsbuild --watch [--on-built COMMAND]`: one line for each build.

import { type BuildOptions, type BuildResult, watchBuild } from "../../index.js";
import { ExitCode } from "../exit-code.js";
import { PROGRESS_MODES } from "../flags/build-flags.js";
import type { FlagValues } from "../flags/flag-values.js";
import type { Io } from "../io.js";
import { chooseMode, openProgress, type Progress } from "../progress/progress.js";
import { reportFailure } from "../report/failure.js";
import { LiveLine, watchLine } from "../report/watch-line.js";
import { Follower } from "./follower.js";
import { writeResultFiles } from "./result-files.js";

/** Goes on until a signal. @throws usage, and what keeps a first build from beginning */
export async function runWatch(options: BuildOptions, flags: FlagValues, io: Io): Promise<number> {
  const command = flags.text("on-built");
  const follower = command === undefined ? undefined : new Follower(command, io);
  const wanted = flags.word("progress", PROGRESS_MODES) ?? "auto";
  const isLine = wanted === "auto" && !flags.bool("quiet");
  const mode = isLine || flags.bool("quiet") ? "quiet" : chooseMode(wanted, io.stderr, io.env);
  const line = new LiveLine(isLine ? io.stderr : { write: () => {} });
  let progress: Progress = openProgress(mode, io.stderr, io.env);
  let begun = Date.now();
  let last: string | undefined;
  try {
    await watchBuild({
      ...options,
      onEvent: (event) => {
        progress.onEvent(event);
        line.show(progress.view, begun);
      },
      onBuild: () => {
        progress = openProgress(mode, io.stderr, io.env);
        begun = Date.now();
      },
      onBuilt: async (result: BuildResult) => {
        const isNew = last !== result.imageId;
        last = result.imageId;
        progress.end();
        line.end();
        if (isLine || (mode !== "quiet" && mode !== "rawjson"))
          io.stderr.write(`${watchLine(result, progress.view, { took: Date.now() - begun, isNew })}\n`);
        else if (mode === "quiet" && isNew) io.stdout.write(`${result.imageId}\n`);
        await writeResultFiles(result, { view: progress.view, env: io.env }, flags);
        if (isNew) await follower?.restart(result);
      },
      onOutdated: () => {
        progress.end();
        line.end();
      },
      onFailed: (error) => {
        progress.end();
        line.end();
        reportFailure(error, { io, progress, debug: flags.bool("debug") });
        io.stderr.write("watching for changes\n");
      },
    });
    return ExitCode.success;
  } catch (error) {
    progress.end();
    line.end();
    if (!io.signal.aborted) throw error;
    return ExitCode.success; // the signal is what ends it, and its exit code is the signal's
  } finally {
    await follower?.stop();
  }
}
