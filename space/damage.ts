// What to say when something in the store was not what its name says: it is gone then, so that the next try goes further.

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";

const HINT =
  'Do it again: what was damaged is gone, and made or fetched anew. Run "tsbuild cache verify" to find more.';

/** Gives a failure that comes of damage in the store the hint that helps; leaves any other as it is. */
export function hintAtDamage(store: Pick<Store, "damaged">, error: unknown): void {
  if (store.damaged.size === 0 || !(error instanceof Error)) return;
  const isDamage = error instanceof TsbuildError && error.code === "digest_mismatch";
  if (isDamage && error.hint === undefined) Object.assign(error, { hint: HINT });
  else hintAtDamage(store, error.cause);
}
