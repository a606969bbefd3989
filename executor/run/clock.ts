// The time that a step may take.

import { TsbuildError } from "../../errors.js";

export class StepClock {
  /** Aborted when the build is, or when the time is over. */
  readonly signal: AbortSignal;
  readonly #limit: number | undefined;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param limit milliseconds; without one the step may take forever */
  constructor(limit: number | undefined, build: AbortSignal) {
    this.#limit = limit;
    this.#timer = limit === undefined ? undefined : setTimeout(() => this.#over.abort(), limit);
    this.signal = limit === undefined ? build : AbortSignal.any([build, this.#over.signal]);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** An interruption that this clock caused is `timed_out`. */
  explain(error: unknown): unknown {
    if (!this.#over.signal.aborted || !(error instanceof TsbuildError) || error.code !== "interrupted") return error;
    return new TsbuildError("timed_out", `the step did not end within ${this.#limit! / 1000} seconds`, {
      hint: "Find out what it waits for, or give it more time with --run-timeout.",
    });
  }
}
