// What a failed build says at its end: first in docker's form, then what tsbuild knows beyond it.

import { DockerfileError, StepError } from "../../index.js";
import { ExitCode, exitCodeOf } from "../exit-code.js";
import type { Io } from "../io.js";
import { formatClock } from "../progress/format.js";
import type { Progress } from "../progress/progress.js";
import { chooseTheme } from "../progress/theme.js";
import type { Step } from "../progress/view.js";
import { failureAnnotations } from "./build-annotations.js";
import { describeError } from "./error.js";
import { excerpt } from "./excerpt.js";

export interface FailureOptions {
  readonly io: Pick<Io, "stderr" | "env" | "signal">;
  readonly progress: Progress;
  readonly debug: boolean;
}

const PREFIX = "failed to build: failed to solve: ";

/** Prints the failure and returns the exit code. */
export function reportFailure(error: unknown, { io, progress, debug }: FailureOptions): number {
  const { view, mode } = progress;
  if (io.signal.aborted) return reportInterrupt(io, view.steps);
  const theme = chooseTheme(io.env, io.stderr.isTTY === true);
  const log = mode === "rawjson" ? [] : [...failedLog(view.steps), ...failedPlace(error)];
  const { head, details } = describeError(error, { prefix: PREFIX, debug });
  const annotations = mode === "github" ? failureAnnotations(error) : [];
  io.stderr.write([...log, theme("error", head), ...details, ...annotations, ""].join("\n"));
  return exitCodeOf(error);
}

function reportInterrupt({ stderr }: Pick<Io, "stderr">, steps: readonly Step[]): number {
  const finished = steps.filter(
    (step) => isOfLayer(step) && (step.outcome === "done" || step.outcome === "cached"),
  ).length;
  stderr.write(`ERROR: ${PREFIX}interrupted\n${finished} finished step${finished === 1 ? " is" : "s are"} cached\n`);
  return ExitCode.failed;
}

/** Images are brought, not made. */
function isOfLayer({ span, inputs }: Step): boolean {
  return span !== undefined && inputs.length > 0;
}

/** The end of what the failed step printed. */
function failedLog(steps: readonly Step[]): string[] {
  const step = steps.find(({ outcome }) => outcome === "failed");
  if (!step || step.tail.length === 0) return [];
  const lines = step.tail.map(({ time, text }) => `${formatClock(time - (step.started ?? time))} ${text}`);
  const whole = step.log === undefined ? [] : [`whole log: ${step.log}`];
  return ["------", ` > ${step.name}:`, ...lines, "------", ...whole];
}

/** Errors of the language show their place with a caret instead. */
function failedPlace(error: unknown): string[] {
  if (!(error instanceof StepError) || error.cause instanceof DockerfileError) return [];
  const { span, lines } = error.step;
  return span ? [excerpt(span.file, lines ?? [span.line, span.line])] : [];
}
