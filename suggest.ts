// "Did you mean …?" for names that are nearly right.

/** Longer names are not compared: the effort grows with the square of the length. */
const LONGEST = 200;

/** Names that need this many edits or more are not suggested. */
const TOO_FAR = 3;

/**
 * The candidate that is nearest to `word`, or undefined when none is within two edits or has nothing in common
 * with it. Case does not count; of equally near candidates the first wins.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let nearest: string | undefined;
  let least = TOO_FAR;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.toLowerCase(), least);
    if (edits >= least || edits >= Math.max(wanted.length, candidate.length)) continue;
    nearest = candidate;
    least = edits;
  }
  return nearest;
}

/** `Did you mean "name"?`, or undefined: the hint for an error about `word`. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const name = suggest(word, candidates);
  return name === undefined ? undefined : `Did you mean "${name}"?`;
}

/** ` (did you mean name?)`, or nothing: what BuildKit adds to a message about `word`, in the case of the word. */
export function orMeant(word: string, candidates: Iterable<string>): string {
  const name = suggest(word, candidates);
  if (name === undefined) return "";
  return ` (did you mean ${word === word.toLowerCase() ? name.toLowerCase() : name}?)`;
}

/** The Levenshtein distance, or `limit` when it is not less. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > LONGEST) return limit;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1));
    }
    if (Math.min(...current) >= limit) return limit;
    above = current;
  }
  return Math.min(limit, above[b.length]!);
}
