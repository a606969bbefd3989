// A command that never ran, because it cannot be executed.
// https://www.gnu.org/software/bash/manual/bash.html#Exit-Status

import { TsbuildError } from "../../errors.js";

/** `exitCode` is what a shell would give: 127 when there is no such program, 126 when it cannot be executed. */
export class CommandError extends TsbuildError {
  override readonly name = "CommandError";
  readonly exitCode: 126 | 127;
  /** What execve gave. */
  readonly errno: string;

  constructor(errno: string, { exitCode, message, hint }: CommandFailure) {
    super(exitCode === 127 ? "command_not_found" : "run_failed", message, { hint });
    this.exitCode = exitCode;
    this.errno = errno;
  }
}

interface CommandFailure {
  readonly exitCode: 126 | 127;
  readonly message: string;
  readonly hint: string;
}

export interface FailedCommand {
  readonly command: string;
  readonly env: readonly string[];
}

/** @param errno name of the error that execve gave, such as `ENOENT` */
export function commandError(errno: string, { command, env }: FailedCommand): CommandError {
  if (errno === "ENOENT" || errno === "ENOTDIR") return notFound(errno, command, env);
  if (errno === "ENOEXEC") {
    const message = `"${command}" is not a program for this machine (exec format error)`;
    const hint =
      "Check that it was built for this machine's architecture, or give a script a first line such as #!/bin/sh.";
    return new CommandError(errno, { exitCode: 126, message, hint });
  }
  if (errno === "E2BIG") {
    const size = env.reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0);
    const message = `"${command}" cannot be executed: its arguments, and environment of ${size} bytes, are more than the kernel takes (E2BIG)`;
    const hint = "Give it less by ENV, ARG and its arguments, or put what is long into a file.";
    return new CommandError(errno, { exitCode: 126, message, hint });
  }
  const reason = errno === "EACCES" ? "permission denied" : errno;
  const hint = "Make it executable, for example with COPY --chmod=755.";
  return new CommandError(errno, { exitCode: 126, message: `"${command}" cannot be executed: ${reason}`, hint });
}

function notFound(errno: string, command: string, env: readonly string[]): CommandError {
  const hint = "Install it in an earlier step, or correct its name.";
  if (command.includes("/")) {
    const message = `"${command}", or the interpreter it names, is not in the root filesystem`;
    return new CommandError(errno, { exitCode: 127, message, hint });
  }
  const path = env.findLast((line) => line.startsWith("PATH="))?.slice(5) ?? "";
  const message = `"${command}" is in no directory of PATH (${path})`;
  return new CommandError(errno, { exitCode: 127, message, hint });
}
