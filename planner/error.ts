// Failures of planning: each points at its place in the Dockerfile.

import { TsbuildError } from "../errors.js";
import { DockerfileError, type Span, didYouMean } from "../parser/index.js";

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
    for (const each of [error, ...error.others]) found.add(each);
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

/** What `step` makes of each item; what is wrong with any is thrown when all have been looked at. */
export function mapAll<Item, Result>(items: readonly Item[], step: (item: Item) => Result): Result[] {
  const found = new Set<DockerfileError>();
  const results: Result[] = [];
  for (const item of items) {
    try {
      results.push(step(item));
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      found.add(error);
    }
  }
  throwCollected(found);
  return results;
}

/** Gives a failure that knows no Dockerfile its place in one. `hint` replaces the failure's own. */
export function at(span: Span, error: unknown, hint?: string): unknown {
  if (!(error instanceof TsbuildError) || error instanceof DockerfileError) return error;
  const advice = hint ?? error.hint;
  return new DockerfileError(error.code, error.message, span, {
    cause: error,
    ...(advice !== undefined && { hint: advice }),
  });
}
