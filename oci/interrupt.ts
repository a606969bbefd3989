// Cancellation as an error with a code.

import { TsbuildError } from "../errors.js";

/** @throws interrupted when `signal` is aborted; its reason itself when that is an error with a code */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  if (signal.reason instanceof TsbuildError) throw signal.reason;
  throw new TsbuildError("interrupted", "the transfer was interrupted", { cause: signal.reason });
}
