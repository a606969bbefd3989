// Failures of planning: each points at its place in the Dockerfile.

import { type ErrorCode, TsbuildError } from "../errors.js";
import { DockerfileError, type Span, separate } from "../parser/index.js";
import { didYouMean } from "../suggest.js";

/** A hint that names the candidate that looks most like `word`, if one does. */
export function closest(word: string, candidates: readonly string[]): { readonly hint: string } | undefined {
  const hint = didYouMean(word, candidates);
  return hint === undefined ? undefined : { hint };
}

/** Runs `step`; what is wrong in the Dockerfile is noted in `found`, so that all of it can be told at once. */
export async function collect<Result>(
  found: Set<DockerfileError>,
  step: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    for (const each of separate(error)) found.add(each);
    return undefined;
  }
}

/** Throws the first of the errors in file order, with the others in its `others`; returns when there are none. */
export function throwCollected(found: ReadonlySet<DockerfileError>): void {
  const [first, ...others] = [...found].sort((a, b) => a.span.line - b.span.line);
  if (!first) return;
  if (others.length === 0) throw first;
  const { code, message, span, hint, cause } = first;
  throw new DockerfileError(code, message, span, { ...(hint !== undefined && { hint }), cause, others });
}

/** For failures that have no advice of their own. */
const ADVICE: { readonly [Code in ErrorCode]?: string } = {
  bad_reference: 'Write an image such as "alpine:3.20" or "ghcr.io/owner/name:tag".',
};

/** Failures that are no matter of names: their own hint is the better one. */
const OF_POLICIES: readonly ErrorCode[] = ["source_denied", "not_locked", "bad_policy"];

/** Gives a failure that knows no Dockerfile its place in one. `hint` replaces the failure's own. */
export function at(span: Span, error: unknown, hint?: string): unknown {
  if (!(error instanceof TsbuildError) || error instanceof DockerfileError) return error;
  const advice = (OF_POLICIES.includes(error.code) ? undefined : hint) ?? error.hint ?? ADVICE[error.code];
  return new DockerfileError(error.code, error.message, span, {
    cause: error,
    ...(advice !== undefined && { hint: advice }),
  });
}
