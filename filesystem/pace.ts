// Long synchronous work gives way now and then, so that signals, timers and other steps get their turn.

import { setImmediate } from "node:timers/promises";
import { TsbuildError } from "../errors.js";

const TURN_MS = 30;

export class Pace {
  readonly #signal: AbortSignal | undefined;
  #start = Date.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    this.#check();
  }

  /** True when the work has had its turn and should `rest`. */
  isDue(): boolean {
    return Math.abs(Date.now() - this.#start) > TURN_MS;
  }

  /** Lets others go first. @throws interrupted when the signal was aborted. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#check();
    this.#start = Date.now();
  }

  #check(): void {
    if (this.#signal?.aborted)
      throw new TsbuildError("interrupted", "the work on files was interrupted", { cause: this.#signal.reason });
  }
}
