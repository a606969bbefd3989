// The command line as a process: signals in, exit code out.

import { runCommandLine } from "./command-line.js";
import { ExitCode, exitCodeOf } from "./exit-code.js";
import type { Io } from "./io.js";
import { Signals } from "./signals.js";

export interface Ended {
  /** The name of the command that ran. */
  readonly command: string;
  readonly code: number;
}

/** Runs the command line of this process. */
export async function main(): Promise<Ended> {
  const signals = new Signals();
  const opened = new Set<NodeJS.WriteStream>();
  const failures: Error[] = [];
  const { command, code } = await runCommandLine(process.argv.slice(2), processIo(signals, opened, failures));
  await Promise.all([...opened].map(written));
  const [failure] = failures;
  if (failure && code === ExitCode.success) return { command, code: signals.code ?? reportUnwritten(failure) };
  return { command, code: signals.code ?? code };
}

/** Of a result that a command wrote and did not wait for. @returns the exit code */
function reportUnwritten(failure: Error): number {
  process.stderr.write(
    `ERROR: cannot write to stdout: ${failure.message}\nhint: Free space there, or write elsewhere.\n`,
  );
  return exitCodeOf(failure);
}

/** What a slow reader has not taken yet would be lost when the process exits. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on("error", () => resolve());
    stream.write("", () => resolve());
  });
}

/** Each stream is opened at its first use: stdin alone takes milliseconds. */
function processIo({ signal, take }: Signals, opened: Set<NodeJS.WriteStream>, failures: Error[]): Io {
  return {
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      if (!opened.has(process.stdout)) process.stdout.on("error", (error) => failures.push(stillRead(error)));
      opened.add(process.stdout);
      return process.stdout;
    },
    get stderr() {
      opened.add(process.stderr);
      return process.stderr;
    },
    env: process.env,
    signal,
    signals: take,
  };
}

/** Whoever reads the result may stop reading: `tsbuild images | head -1`. */
function stillRead(error: NodeJS.ErrnoException): Error {
  if (error.code === "EPIPE") process.exit(ExitCode.failed);
  return error;
}
