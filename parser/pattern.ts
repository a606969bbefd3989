// The patterns of `${x#pattern}` and its like: `*`, `?` and escapes only (S-044, S-045).
// https://docs.docker.com/reference/dockerfile/#environment-replacement

const STAR = Symbol("any run of characters");
const ANY = Symbol("any character");

type Element = string | typeof STAR | typeof ANY;

/** The text of a pattern that ends in an escape or escapes what needs none. */
export class BadPattern extends Error {}

/** A replacement that makes more text than anybody means. */
export class TooLong extends Error {}

/** In UTF-16 code units. */
export const MOST_TEXT = 2 ** 26;

export class Pattern {
  /** Code points and wildcards, cut at the stars: what must stand one after the other. */
  readonly #segments: readonly (readonly Element[])[];

  /** @throws BadPattern */
  constructor(text: string) {
    this.#segments = segments(elements(text));
  }

  /** `value` without the shortest or longest prefix that matches. */
  trimPrefix(value: string, longest: boolean): string {
    const points = [...value];
    const end = matchAt(this.#segments, points, 0, longest);
    return end === undefined ? value : points.slice(end).join("");
  }

  /** `value` without the shortest or longest suffix that matches. */
  trimSuffix(value: string, longest: boolean): string {
    const points = [...value].reverse();
    const mirrored = this.#segments.map((segment) => segment.toReversed()).toReversed();
    const end = matchAt(mirrored, points, 0, longest);
    return end === undefined ? value : points.slice(end).reverse().join("");
  }

  /**
   * `value` with the first longest match, or all of them from left to right, replaced.
   *
   * @throws TooLong
   */
  replace(value: string, replacement: string, all: boolean): string {
    const points = [...value];
    let text = "";
    let copied = 0;
    for (let start = 0; start <= points.length;) {
      const found = find(this.#segments, points, start);
      if (found === undefined) break;
      const empty = found.end === found.start;
      // An empty match directly behind a match is none.
      if (!empty || found.start > copied || copied === 0) {
        text += points.slice(copied, found.start).join("") + replacement;
        copied = found.end;
        if (text.length > MOST_TEXT) throw new TooLong();
        if (!all) break;
      }
      start = empty ? found.end + 1 : found.end;
    }
    return text + points.slice(copied).join("");
  }
}

function elements(text: string): Element[] {
  const points = [...text];
  const list: Element[] = [];
  for (let index = 0; index < points.length; index++) {
    const point = points[index]!;
    if (point === "*") list.push(STAR);
    else if (point === "?") list.push(ANY);
    else if (point !== "\\") list.push(point);
    else list.push(unescape(points[++index]));
  }
  return list;
}

function unescape(point: string | undefined): string {
  if (point !== undefined && "*?\\}/".includes(point)) return point;
  throw new BadPattern(point === undefined ? "it ends in a backslash" : `"\\${point}" escapes nothing`);
}

function segments(list: readonly Element[]): Element[][] {
  const cut: Element[][] = [[]];
  for (const element of list) {
    if (element === STAR) cut.push([]);
    else cut.at(-1)!.push(element);
  }
  return cut;
}

/** Where the shortest or longest match that begins at `start` ends. */
function matchAt(
  list: readonly (readonly Element[])[],
  points: readonly string[],
  start: number,
  longest: boolean,
): number | undefined {
  const [first, ...others] = list;
  if (!matches(first!, points, start)) return undefined;
  return endOf(others, points, start + first!.length, longest);
}

/** Where the match ends whose first segment ends at `start`: every other segment stands somewhere behind the one before. */
function endOf(
  others: readonly (readonly Element[])[],
  points: readonly string[],
  start: number,
  longest: boolean,
): number | undefined {
  let end = start;
  for (const [index, segment] of others.entries()) {
    const last = index === others.length - 1;
    const at = last && longest ? lastIndex(segment, points, end) : firstIndex(segment, points, end);
    if (at === undefined) return undefined;
    end = at + segment.length;
  }
  return end;
}

/** The leftmost match at `from` or later, as long as it can be. */
function find(
  list: readonly (readonly Element[])[],
  points: readonly string[],
  from: number,
): { start: number; end: number } | undefined {
  const [first, ...others] = list;
  const start = firstIndex(first!, points, from);
  if (start === undefined) return undefined;
  // When the other segments do not follow here, they do not follow further to the right either.
  const end = endOf(others, points, start + first!.length, true);
  return end === undefined ? undefined : { start, end };
}

function firstIndex(segment: readonly Element[], points: readonly string[], from: number): number | undefined {
  for (let at = from; at + segment.length <= points.length; at++) if (matches(segment, points, at)) return at;
  return undefined;
}

function lastIndex(segment: readonly Element[], points: readonly string[], from: number): number | undefined {
  for (let at = points.length - segment.length; at >= from; at--) if (matches(segment, points, at)) return at;
  return undefined;
}

function matches(segment: readonly Element[], points: readonly string[], at: number): boolean {
  if (at + segment.length > points.length) return false;
  for (let index = 0; index < segment.length; index++) {
    const element = segment[index]!;
    if (element !== ANY && element !== points[at + index]) return false;
  }
  return true;
}
