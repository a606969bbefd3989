// A command that a person uses. One that had this process's terminal could type into it, so it gets a terminal of its own.
// man 1 script

import { existsSync } from "node:fs";
import { isatty } from "node:tty";
import { quote } from "./quote.js";

const SCRIPT = "/usr/bin/script";

export interface TerminalCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** False where there is no terminal, or no script(1): the command has the streams, but no terminal that it controls. */
  readonly isOwn: boolean;
}

export function onTerminal(program: string, args: readonly string[] = []): TerminalCommand {
  if (!isatty(0) || !existsSync(SCRIPT)) return { program, args, isOwn: false };
  const line = ["exec", ...[program, ...args].map(quote)].join(" ");
  return { program: SCRIPT, args: ["--quiet", "--return", "--command", line, "/dev/null"], isOwn: true };
}

/** What script(1) itself needs of the environment. */
export const terminalEnvironment = (): Record<string, string> => ({
  SHELL: "/bin/sh",
  TERM: process.env.TERM ?? "dumb",
});
