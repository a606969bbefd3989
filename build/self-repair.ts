// A build on a damaged store: blobs that were not what their names say are gone, so that the same work, done again, makes or
// fetches them anew.

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { BuildFact } from "../progress.js";

/** A disk that damages whatever is written to it is given up after so many attempts. */
const MOST_ATTEMPTS = 4;

export interface SelfRepairOptions {
  readonly store: Store;
  readonly emit: (fact: BuildFact) => void;
  readonly signal?: AbortSignal | undefined;
}

export class SelfRepair {
  readonly #options: SelfRepairOptions;
  #isSealed = false;
  #attempt = 0;
  /** How many blobs had been damaged when the attempt began. */
  #before = 0;

  constructor(options: SelfRepairOptions) {
    this.#options = options;
  }

  /** From now on nothing is done again: a stream has got the first bytes of the result. */
  seal(): void {
    this.#isSealed = true;
  }

  /** Whether damage was found, so that the work will be done again. */
  get isDue(): boolean {
    const { store, signal } = this.#options;
    const mayRepeat = !this.#isSealed && this.#attempt < MOST_ATTEMPTS && signal?.aborted !== true;
    return mayRepeat && store.damaged.size > this.#before;
  }

  /** To be called from within the work: damage that it has survived shall be mended too. @throws digest_mismatch */
  check(): void {
    if (this.isDue) throw new TsbuildError("digest_mismatch", "the store has damaged content");
  }

  /** @throws what `work` throws when no damage was found, or it cannot be done again */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    const { damaged } = this.#options.store;
    for (this.#attempt = 1; ; this.#attempt++) {
      this.#before = damaged.size;
      try {
        return await work();
      } catch (error) {
        if (mayBeDamage(error)) this.#options.store.checkReads();
        if (!this.isDue) throw error;
        for (const digest of [...damaged].slice(this.#before)) this.#tell(digest);
      }
    }
  }

  #tell(digest: string): void {
    const message = `the store had damaged content at ${digest}, so it is made or fetched again`;
    this.#options.emit({ type: "warning", rule: "--home", message });
  }
}

/** What somebody says who reads a file of a layer, and not the whole layer. */
const DOUBTFUL = ["digest_mismatch", "source_changed", "bad_archive"];

function mayBeDamage(error: unknown): boolean {
  return error instanceof TsbuildError && (DOUBTFUL.includes(error.code) || mayBeDamage(error.cause));
}
