// What to say when something in the store was not what its name says: it is gone then, so that the next try goes further.

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";

/** Builds make and fetch what they lack; other commands only read what is there. */
const WHAT_HELPS = {
  build: "Do it again: what was damaged is gone, and made or fetched anew.",
  command: "Pull or build the image again: what was damaged is gone.",
};

/** Gives a failure that comes of damage in the store the hint that helps, unless it has one; leaves any other as it is. */
export function hintAtDamage(
  store: Pick<Store, "damaged">,
  error: unknown,
  doing: keyof typeof WHAT_HELPS = "build",
): void {
  if (store.damaged.size === 0 || !(error instanceof Error)) return;
  const isDamage = error instanceof TsbuildError && error.code === "digest_mismatch";
  if (!isDamage) return hintAtDamage(store, error.cause, doing);
  const hint = `${WHAT_HELPS[doing]} Run "tsbuild cache verify" to find more.`;
  if (error.hint === undefined) Object.assign(error, { hint });
}
