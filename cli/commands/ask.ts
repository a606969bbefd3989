// Questions on the terminal; passwords are not shown.

import { TsbuildError } from "../../index.js";
import type { Io } from "../io.js";
import { usageError } from "../flags/usage-error.js";

export interface AskOptions {
  /** @default false */
  readonly hidden?: boolean;
  /** What to do where there is no terminal: one imperative sentence with a period. */
  readonly otherwise: string;
}

const INTERRUPT = "\u0003";
const END = "\u0004";
const ERASE = new Set(["\b", "\u007f"]);

/** One line from the terminal, without its end. @throws usage where there is no terminal, interrupted */
export async function ask(question: string, { stdin: terminal, stderr }: Io, options: AskOptions): Promise<string> {
  if (!terminal.isTTY)
    throw usageError("cannot ask for user and password: the input is no terminal", options.otherwise);
  stderr.write(question);
  if (options.hidden) terminal.setRawMode?.(true);
  try {
    return await readLine(terminal);
  } finally {
    if (options.hidden) {
      terminal.setRawMode?.(false);
      stderr.write("\n");
    }
    terminal.pause();
  }
}

function readLine(terminal: Io["stdin"]): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    const end = (settle: () => void) => {
      terminal.off("data", read);
      settle();
    };
    const read = (data: Buffer) => {
      for (const letter of data.toString()) {
        if (letter === INTERRUPT)
          return end(() => reject(new TsbuildError("interrupted", "the login was interrupted")));
        if (letter === "\r" || letter === "\n" || letter === END) return end(() => resolve(line));
        line = ERASE.has(letter) ? line.slice(0, -1) : line + letter;
      }
    };
    terminal.on("data", read).resume();
  });
}
