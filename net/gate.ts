// At most so many at once; who comes later waits, first come, first served.

import { throwIfInterrupted } from "../oci/index.js";

export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Waits for a place. @returns gives it back; to be called once @throws interrupted */
  async enter(signal?: AbortSignal): Promise<() => void> {
    throwIfInterrupted(signal);
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    return () => this.#leave();
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    let enter = () => {};
    const giveUp = () => enter();
    await new Promise<void>((resolve) => {
      enter = resolve;
      this.#waiting.push(enter);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
    signal?.removeEventListener("abort", giveUp);
    if (!signal?.aborted) return;
    const place = this.#waiting.indexOf(enter);
    if (place < 0) this.#leave();
    else this.#waiting.splice(place, 1);
    throwIfInterrupted(signal);
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
