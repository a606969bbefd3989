// What an OCI runtime says when it cannot run a container: the messages of crun and runc, as tsbuild's errors.

import { TsbuildError } from "../../../errors.js";
import { type FailedCommand, commandError } from "../command-error.js";

/** The runtime's first complaint, or undefined when it ran the command. @param log lines of JSON */
export function firstError(log: string): string | undefined {
  for (const line of log.split("\n")) {
    const entry = parseEntry(line);
    if (entry?.level === "error" || entry?.level === "fatal") return parseEntry(entry.msg ?? "")?.msg ?? entry.msg; // crun may wrap it twice
  }
  return undefined;
}

function parseEntry(line: string): { readonly level?: string; readonly msg?: string } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // a line that the runtime was killed in
  }
}

/** Wordings of errno in the parts of the messages that are about the command. */
const COMMAND_ERRORS: readonly (readonly [RegExp, string])[] = [
  [/executable file .*not found|exec: ".*": stat .*: no such file|exec .*: no such file/i, "ENOENT"],
  [/exec: ".*": permission denied|open executable: permission denied|exec .*: permission denied/i, "EACCES"],
  [/exec format error/i, "ENOEXEC"],
];

/** @param failed the command, and what to do when it is not to blame */
export function runtimeError(
  runtime: string,
  message: string,
  { hint, ...command }: FailedCommand & { readonly hint?: string },
): TsbuildError {
  const [, errno] = COMMAND_ERRORS.find(([pattern]) => pattern.test(message)) ?? [];
  if (errno) return commandError(errno, command);
  const text = `${runtime} cannot run the step: ${message.replace(/\s+/g, " ").trim()}`;
  return new TsbuildError("sandbox_failed", text, hint === undefined ? {} : { hint });
}
