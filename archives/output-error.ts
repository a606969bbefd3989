// What is said when a place cannot be written.

import type { Writable } from "node:stream";
import { TsbuildError } from "../errors.js";

/** Says that the place cannot be written; other errors of ours, and interruptions, are returned as they are. */
export function outputError(error: unknown, dest: string | Writable, signal?: AbortSignal): unknown {
  if (error instanceof TsbuildError || signal?.aborted) return error;
  const place = typeof dest === "string" ? `"${dest}"` : "the stream";
  const hint = ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")
    ? "Free space there, or choose a place on another filesystem."
    : "Choose a place that exists and may be written.";
  return new TsbuildError("output_failed", `cannot write ${place}: ${(error as Error).message}`, {
    cause: error,
    hint,
  });
}
