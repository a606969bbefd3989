// Keeps the cache within its limits while a build runs, and when it ends.

import { statSync } from "node:fs";
import type { Store } from "../cache/index.js";
import type { Selection } from "./choose.js";
import { readPolicies } from "./policy.js";
import { pruneBesides } from "./prune.js";
import { MARGIN } from "./view.js";

/** Milliseconds between two looks at the store. */
const LOOK_EVERY = 5000;

export class SpaceKeeper {
  readonly #store: Store;
  readonly #began = Date.now();
  readonly #selections: readonly Selection[];
  /** Whether there may be more than there was: a new limit, or anything that was added. */
  #isDue: boolean;
  #lastLook = Date.now();

  /**
   * @param cacheMax bytes; it stands for the policies of the store's `gc.json`. Without either nothing is ever removed
   * @throws bad_value
   */
  constructor(store: Store, cacheMax?: number) {
    this.#store = store;
    this.#isDue = cacheMax !== undefined;
    this.#selections = cacheMax === undefined ? readPolicies(store) : [{ all: true, maxUsed: cacheMax }];
  }

  /** Told of each layer that was made. Looks at the store now and then. */
  grown(): void {
    this.#isDue = true;
    if (this.#selections.length === 0 || Date.now() - this.#lastLook < LOOK_EVERY) return;
    this.#look(this.#began);
  }

  /** The build uses nothing any more: what it has used may go like the rest. Images with names stay. */
  end(): void {
    if (this.#selections.length > 0 && (this.#isDue || this.#wasAddedTo())) this.#look(undefined);
  }

  /** By this build or another: layers that were fetched or unpacked are no steps. */
  #wasAddedTo(): boolean {
    const { blobs, layers, sources } = this.#store.paths;
    const changed = [blobs, layers, sources].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return Math.max(...changed) >= this.#began - MARGIN;
  }

  #look(began: number | undefined): void {
    for (const selection of this.#selections) pruneBesides(this.#store, began, selection);
    this.#lastLook = Date.now();
  }
}
