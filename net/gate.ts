// At most so much at once; who comes later waits, first come, first served.

import { throwIfInterrupted } from "../oci/index.js";

interface Waiting {
  readonly places: number;
  readonly enter: () => void;
}

export class Gate {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Waits for so many places.
   * @param places at most what the gate has. Default: 1
   * @returns gives them back; to be called once
   * @throws interrupted
   */
  async enter(signal?: AbortSignal, places = 1): Promise<() => void> {
    throwIfInterrupted(signal);
    if (this.#waiting.length === 0 && this.#free >= places) this.#free -= places;
    else await this.#turn(places, signal);
    return () => this.#leave(places);
  }

  async #turn(places: number, signal: AbortSignal | undefined): Promise<void> {
    let waiting: Waiting = { places, enter: () => {} };
    const giveUp = () => waiting.enter();
    await new Promise<void>((resolve) => {
      waiting = { places, enter: resolve };
      this.#waiting.push(waiting);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
    signal?.removeEventListener("abort", giveUp);
    if (!signal?.aborted) return;
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) this.#leave(places);
    else this.#waiting.splice(at, 1);
    this.#admit();
    throwIfInterrupted(signal);
  }

  #leave(places: number): void {
    this.#free += places;
    this.#admit();
  }

  #admit(): void {
    for (let first = this.#waiting[0]; first && first.places <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.places;
      first.enter();
    }
  }
}
