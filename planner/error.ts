// Failures of planning: each points at its place in the Dockerfile.

import { TsbuildError } from "../errors.js";
import { DockerfileError, type Span, didYouMean } from "../parser/index.js";

/** A hint that names the candidate that looks most like `word`, if one does. */
export function closest(word: string, candidates: readonly string[]): { readonly hint: string } | undefined {
  const hint = didYouMean(word, candidates);
  return hint === undefined ? undefined : { hint };
}

/** Gives a failure that knows no Dockerfile its place in one. `hint` replaces the failure's own. */
export function at(span: Span, error: unknown, hint?: string): unknown {
  if (!(error instanceof TsbuildError) || error instanceof DockerfileError) return error;
  const advice = hint ?? error.hint;
  return new DockerfileError(error.code, error.message, span, { cause: error, ...(advice !== undefined && { hint: advice }) });
}
