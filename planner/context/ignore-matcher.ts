// Says which paths a list of patterns ignores, as BuildKit does when it walks a context: from the root down, with what
// each pattern said of the parent (S-182, S-183).
// https://pkg.go.dev/github.com/moby/patternmatcher#PatternMatcher.MatchesUsingParentResults

import type { IgnoreRules } from "../graph.js";
import { type IgnorePattern, parseIgnorePattern } from "./ignore-pattern.js";

/** What the patterns said of one path. Its children are judged with it. */
export interface IgnoreState {
  readonly excluded: boolean;
  /** For each pattern, whether it matched the path or, when it was asked, one of its parents. */
  readonly matched: readonly boolean[];
}

export interface IgnoreDecision {
  readonly excluded: boolean;
  /** The last line that matched, and its pattern. Absent when none did. */
  readonly line?: number;
  readonly pattern?: string;
}

export class IgnoreMatcher {
  /** True when nothing can be excluded. */
  readonly isEmpty: boolean;
  readonly #patterns: readonly IgnorePattern[];
  readonly #rules: IgnoreRules;
  readonly #root: IgnoreState;

  /** @throws bad_pattern */
  constructor(rules: IgnoreRules) {
    this.#rules = rules;
    this.#patterns = rules.patterns.map(({ text }) => parseIgnorePattern(text));
    this.isEmpty = this.#patterns.every(({ negated }) => negated);
    this.#root = { excluded: false, matched: this.#patterns.map(() => false) };
  }

  /** The file that the patterns came from. */
  get file(): string | undefined {
    return this.#rules.file;
  }

  /** Whether a path, relative to the root of the context, is ignored. */
  matches(path: string): boolean {
    return this.#judge(path).excluded;
  }

  /** Whether a path is ignored, and which line says so. */
  decide(path: string): IgnoreDecision {
    const { excluded, matched } = this.#judge(path);
    const deciding = this.#rules.patterns[matched.lastIndexOf(true)];
    return deciding ? { excluded, line: deciding.line, pattern: deciding.text } : { excluded };
  }

  /** True when the directory and everything that can ever be below it are ignored, so that nobody need look inside. */
  canPrune(directory: string): boolean {
    return this.prunes(directory, this.#judge(directory));
  }

  /** `canPrune` for a directory that was judged before. */
  prunes(directory: string, { excluded, matched }: IgnoreState): boolean {
    if (!excluded) return false;
    return this.#patterns.every(
      ({ negated, mayMatchBelow }, index) => !negated || matched[index] || !mayMatchBelow(directory),
    );
  }

  /**
   * Judges a path when its parent is known; the parent of a name at the root is absent. A pattern that could not change
   * the verdict is not asked, and so has nothing to say of what is below.
   */
  judge(path: string, parent: IgnoreState = this.#root): IgnoreState {
    let excluded = false;
    const matched = this.#patterns.map(({ negated, matches }, index) => {
      const match = parent.matched[index]! || (negated === excluded && matches(path));
      if (match) excluded = !negated;
      return match;
    });
    return { excluded, matched };
  }

  #judge(path: string): IgnoreState {
    let state = this.#root;
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1))
      state = this.judge(path.slice(0, end), state);
    return this.judge(path, state);
  }
}
