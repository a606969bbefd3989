// What is said of a command that failed: how it ended, and what that means.

import { statfsSync } from "node:fs";
import { constants } from "node:os";
import type { TsbuildErrorOptions } from "../../errors.js";
import type { RunOp, Vertex } from "../../planner/index.js";
import { StepError } from "../step-error.js";
import type { CommandEnd } from "./run.js";

export interface FailedCommand {
  readonly vertex: Vertex & { readonly op: RunOp };
  readonly end: CommandEnd;
  /** The end of its output. */
  readonly logTail: string;
  /** The directory that its changes were written to. */
  readonly upper: string;
}

export function commandFailure({ vertex, end, logTail, upper }: FailedCommand): StepError {
  const { op, name, span, lines } = vertex;
  const signal = signalOf(end);
  const reason = reasonOf(end, logTail, upper);
  const parts = [`exit code: ${end.code}`, ...(signal === undefined ? [] : [`(${signal})`])].join(" ");
  const message = `process "${op.args.join(" ")}" did not complete successfully: ${parts}${reason ? `: ${reason.what}` : ""}`;
  const step = { vertex: name, exitCode: end.code, logTail, ...(span && { span }), ...(lines && { lines }) };
  return new StepError("run_failed", message, step, reason ? { hint: reason.hint } : signalHint(end));
}

/** A shell gives 128 and the signal's number when the signal ended its last command. */
function signalOf({ code, signal }: CommandEnd): string | undefined {
  return signal ?? Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
}

function signalHint({ signal }: CommandEnd): TsbuildErrorOptions {
  return signal === undefined ? {} : { hint: `The process was ended by ${signal}.` };
}

interface Reason {
  readonly what: string;
  readonly hint: string;
}

function reasonOf({ outOfMemory }: CommandEnd, logTail: string, upper: string): Reason | undefined {
  if (outOfMemory)
    return {
      what: "the kernel killed a process because memory ran out",
      hint: "Give the step more with --memory, let fewer steps run at once with --jobs, or use a machine with more.",
    };
  if (isFull(upper) || (FULL.test(logTail) && !SMALL_MOUNTS.test(logTail))) {
    return {
      what: "no space is left on the disk",
      hint: "Free space on the filesystem of the store, or put the store elsewhere with --home.",
    };
  }
  return undefined;
}

const FULL = /No space left on device|Disk quota exceeded|ENOSPC/i;
/** What is full by its own limit: then the disk is not. */
const SMALL_MOUNTS = /\/dev\/shm\//;
/** Less than this is full: no tool writes byte by byte. */
const LEAST_BYTES = 64 << 10;

function isFull(path: string): boolean {
  const { bavail, bsize, files, ffree } = statfsSync(path);
  return bavail * bsize < LEAST_BYTES || (files > 0 && ffree === 0);
}
