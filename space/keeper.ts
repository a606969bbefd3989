// Keeps the cache within its limits while a build runs, and when it ends.

import type { Store } from "../cache/index.js";
import type { Selection } from "./choose.js";
import { readPolicies } from "./policy.js";
import { pruneBesides } from "./prune.js";

/** Milliseconds between two looks at the store. */
const LOOK_EVERY = 5000;

export class SpaceKeeper {
  readonly #store: Store;
  readonly #began = Date.now();
  readonly #selections: readonly Selection[];
  #lastLook = Date.now();
  #hasGrown = false;

  /**
   * @param cacheMax bytes; it stands for the policies of the store's `gc.json`. Without either nothing is ever removed
   * @throws bad_value
   */
  constructor(store: Store, cacheMax?: number) {
    this.#store = store;
    this.#selections = cacheMax === undefined ? readPolicies(store) : [{ all: true, maxUsed: cacheMax }];
  }

  /** Told of each layer that was made. Looks at the store now and then. */
  grown(): void {
    this.#hasGrown = true;
    if (this.#selections.length === 0 || Date.now() - this.#lastLook < LOOK_EVERY) return;
    this.#look();
  }

  /** Looks once more, when anything was made. */
  end(): void {
    if (this.#hasGrown && this.#selections.length > 0) this.#look();
  }

  #look(): void {
    for (const selection of this.#selections) pruneBesides(this.#store, this.#began, selection);
    this.#hasGrown = false;
    this.#lastLook = Date.now();
  }
}
