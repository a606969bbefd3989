// Exit codes, as docs/cli.md lists them.

import { CommandError, DockerfileError, StepError, TsbuildError } from "../index.js";

export const ExitCode = {
  success: 0,
  failed: 1,
  /** The disk or a quota is full. */
  noSpace: 102,
  /** The command line is wrong. */
  usage: 125,
  /** 128 and the number of the signal. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** Of words that mean nothing. Those in a Dockerfile are a failure of the build. */
const WRONG_WORDS = ["bad_reference", "bad_platform"];
const NO_SPACE = ["store_full", "ENOSPC", "EDQUOT"];

export function exitCodeOf(error: unknown): number {
  if (isWrongWord(error)) return ExitCode.usage;
  if (error instanceof CommandError) return error.exitCode; // of `tsbuild run`, as a shell would give it
  return codesOf(error).some((code) => NO_SPACE.includes(code)) ? ExitCode.noSpace : ExitCode.failed;
}

function isWrongWord(error: unknown): boolean {
  if (!(error instanceof TsbuildError)) return false;
  if (error.code === "usage") return true;
  return WRONG_WORDS.includes(error.code) && !(error instanceof DockerfileError) && !(error instanceof StepError);
}

/** The codes of an error and of its causes. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code } = error as { readonly code?: unknown };
  return [...(typeof code === "string" ? [code] : []), ...codesOf(error.cause)];
}
