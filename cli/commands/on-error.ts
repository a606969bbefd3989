// `--on-error`: what happens with a RUN step that failed, while what it left is still there.

import { type FailedBuildStep, TsbuildError } from "../../index.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import type { Progress } from "../progress/progress.js";

export type OnError = { readonly kind: "stop" | "shell" } | { readonly kind: "save"; readonly file: string };

const DEFAULT_FILE = "tsbuild-failed-step.tar";

/** `stop`, `shell`, `save` or `save=FILE`. @throws usage */
export function parseOnError(text = "stop"): OnError {
  const [kind, file] = text.split(/=(.*)/s, 2);
  if (kind === "save" && file !== "") return { kind, file: file ?? DEFAULT_FILE };
  if ((kind === "stop" || kind === "shell") && file === undefined) return { kind };
  throw usageError(`--on-error "${text}": expected stop, shell or save[=FILE]`);
}

export interface StepFailureOptions {
  readonly io: Pick<Io, "stderr">;
  readonly progress: Progress;
  /** Told what has to be said when all else is. */
  readonly onNote: (text: string) => void;
}

/** Of several steps that fail at once, the first has a person's attention. */
export function onStepFailure(
  onError: OnError,
  { io, progress, onNote }: StepFailureOptions,
): ((failed: FailedBuildStep) => Promise<void>) | undefined {
  if (onError.kind === "stop") return undefined;
  let taken = false;
  return async (failed) => {
    if (taken) return;
    taken = true;
    if (onError.kind === "save") return onNote(await save(failed, onError.file));
    progress.end();
    io.stderr.write(`${failed.error.message}\na shell in the step's root follows; the build ends with it\n`);
    await failed.shell();
  };
}

/** That it cannot be saved is told beside why the step failed, not in place of it. @returns what to say */
async function save(failed: FailedBuildStep, file: string): Promise<string> {
  try {
    await failed.save(file);
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
    const hint = error.hint === undefined ? "" : `hint: ${error.hint}\n`;
    return `warning: the failed step is not saved in ${file}: ${error.message}\n${hint}`;
  }
  return `note: the failed step is in ${file}: look at it with "tsbuild replay ${file}"\n`;
}
