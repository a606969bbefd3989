// What is said of a command that failed: how it ended, and what that means.

import { statfsSync } from "node:fs";
import { constants } from "node:os";
import { TsbuildError, type TsbuildErrorOptions } from "../../errors.js";
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
  const reason = reasonOf({ vertex, end, logTail, upper });
  const parts = [`exit code: ${end.code}`, ...(signal === undefined ? [] : [`(${signal})`])].join(" ");
  const message = `process "${op.args.join(" ")}" did not complete successfully: ${parts}${reason ? `: ${reason.what}` : ""}`;
  const step = { vertex: name, exitCode: end.code, logTail, ...(span && { span }), ...(lines && { lines }) };
  return new StepError("run_failed", message, step, reason ? causeOf(reason) : signalHint(end));
}

/** Of a command that did not come to an end of its own. */
export function stoppedStep({ vertex, end, logTail }: FailedCommand): StepError {
  const { name, span, lines } = vertex;
  const { code, message, cause, hint } = end.failure!;
  const step = { vertex: name, ...(logTail !== "" && { logTail }), ...(span && { span }), ...(lines && { lines }) };
  return new StepError(code, message, step, { cause, ...(hint !== undefined && { hint }) });
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
  /** The disk is still full, so that nothing else can be built either. @default false */
  readonly diskIsFull?: boolean;
}

const causeOf = ({ what, hint, diskIsFull }: Reason): TsbuildErrorOptions => ({
  hint,
  ...(diskIsFull && { cause: new TsbuildError("store_full", what) }),
});

const OUT_OF_MEMORY: Reason = {
  what: "the kernel killed a process because memory ran out",
  hint: "Give the step more with --memory, let fewer steps run at once with --jobs, or use a machine with more.",
};
const DISK_FULL: Reason = {
  what: "no space is left on the disk",
  hint: "Free space on the filesystem of the store, or put the store elsewhere with --home.",
};

function reasonOf({ vertex, end, logTail, upper }: FailedCommand): Reason | undefined {
  if (end.outOfMemory) return OUT_OF_MEMORY;
  if (end.unkeptOwners !== undefined && UNKNOWN_OWNER.test(logTail)) return ownersUnkept(end.unkeptOwners);
  if (isFull(upper)) return { ...DISK_FULL, diskIsFull: true };
  const complaints = logTail.split("\n").filter((line) => FULL.test(line));
  return complaints.length === 0 ? undefined : (fullMount(vertex.op, complaints) ?? DISK_FULL);
}

/** What chown says of an id that its user namespace does not have. */
const UNKNOWN_OWNER = /Invalid argument|EINVAL/;

const ownersUnkept = (reason: string): Reason => ({
  what: `files can have one owner only: ${reason}`,
  hint: "Get subordinate ids, as tsbuild doctor tells, or leave --oci-runtime out.",
});

const FULL = /No space left on device|Disk quota exceeded|ENOSPC/i;

/** What is full by its own limit: then the disk need not be. */
function fullMount({ mounts }: RunOp, complaints: readonly string[]): Reason | undefined {
  const limited = mounts.flatMap((mount) => (mount.type === "tmpfs" && mount.size !== undefined ? [mount.target] : []));
  const named = ["/dev/shm", ...limited].find((target) => complaints.some((line) => line.includes(target)));
  if (named === "/dev/shm") return { what: "no space is left in /dev/shm", hint: "Give it more with --shm-size." };
  if (limited.length === 0) return undefined;
  const targets = named ?? limited.join(", ");
  return {
    what: `no space is left ${named === undefined ? "on the disk, or in" : "in"} ${targets}`,
    hint: `Give the mount more with size=, as in --mount=type=tmpfs,target=${named ?? limited[0]},size=1g.`,
  };
}

/** Less than this is full: no tool writes byte by byte. */
const LEAST_BYTES = 64 << 10;

function isFull(path: string): boolean {
  const { bavail, bsize, files, ffree } = statfsSync(path);
  return bavail * bsize < LEAST_BYTES || (files > 0 && ffree === 0);
}
