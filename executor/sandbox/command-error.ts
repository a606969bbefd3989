// A command that never ran, because it cannot be executed.
// https://www.gnu.org/software/bash/manual/bash.html#Exit-Status

import { TsbuildError } from "../../errors.js";

/** `exitCode` is what a shell would give: 127 when there is no such program, 126 when it cannot be executed. */
export class CommandError extends TsbuildError {
  override readonly name = "CommandError";
  readonly exitCode: 126 | 127;

  constructor(exitCode: 126 | 127, message: string, hint: string) {
    super(exitCode === 127 ? "command_not_found" : "run_failed", message, { hint });
    this.exitCode = exitCode;
  }
}

export interface FailedCommand {
  readonly command: string;
  readonly env: readonly string[];
}

/** @param errno name of the error that execve gave, such as `ENOENT` */
export function commandError(errno: string, { command, env }: FailedCommand): CommandError {
  if (errno === "ENOENT" || errno === "ENOTDIR") return notFound(command, env);
  if (errno === "ENOEXEC") {
    const hint =
      "Check that it was built for this machine's architecture, or give a script a first line such as #!/bin/sh.";
    return new CommandError(126, `"${command}" is not a program for this machine (exec format error)`, hint);
  }
  const reason = errno === "EACCES" ? "permission denied" : errno;
  return new CommandError(
    126,
    `"${command}" cannot be executed: ${reason}`,
    "Make it executable, for example with COPY --chmod=755.",
  );
}

function notFound(command: string, env: readonly string[]): CommandError {
  const hint = "Install it in an earlier step, or correct its name.";
  if (command.includes("/"))
    return new CommandError(127, `"${command}", or the interpreter it names, is not in the root filesystem`, hint);
  const path = env.findLast((line) => line.startsWith("PATH="))?.slice(5) ?? "";
  return new CommandError(127, `"${command}" is in no directory of PATH (${path})`, hint);
}
