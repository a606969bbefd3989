// The signals of this process: they end the command, or go to who asked for them.

import { ExitCode } from "./exit-code.js";
import type { Io } from "./io.js";

type Listener = Parameters<Io["signals"]>[0];

const EXIT_CODES = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated, SIGHUP: ExitCode.hungUp } as const;

/** What else is for a command that runs in a sandbox; this process itself leaves them to Node. */
const OTHERS = ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;

/** The first signal ends the command, the second the process. */
export class Signals {
  readonly #aborter = new AbortController();
  #listener: Listener | undefined;
  #code: number | undefined;

  constructor() {
    for (const [signal, code] of Object.entries(EXIT_CODES) as [NodeJS.Signals, number][])
      process.on(signal, () => (this.#listener ? this.#listener(signal) : this.#end(code)));
  }

  /** Aborted when the command has to end. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Of the signal that ended the command, if one did. */
  get code(): number | undefined {
    return this.#code;
  }

  /** Has `listener` told of all signals until the function that it returns is called. */
  readonly take: Io["signals"] = (listener) => {
    this.#listener = listener;
    for (const signal of OTHERS) process.on(signal, listener);
    return () => {
      this.#listener = undefined;
      for (const signal of OTHERS) process.off(signal, listener);
    };
  };

  #end(code: number): void {
    if (this.#code !== undefined) process.exit(code);
    this.#code = code;
    this.#aborter.abort();
  }
}
