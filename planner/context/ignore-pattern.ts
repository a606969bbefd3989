// One pattern of a .dockerignore file, with moby's meaning: `*` and `?` stop at "/", `**` does not, the rest is as in
// Go's filepath.Match, and the pattern must match the whole path (S-180, S-181). Like moby, this checks a pattern as a
// file pattern and then reads it as a regular expression; where the two differ (`\d`, `[[:alpha:]]`), the latter decides.
// https://pkg.go.dev/github.com/moby/patternmatcher

import { TsbuildError } from "../../errors.js";
import { cleanPath } from "../paths.js";
import { badPattern, compilePattern } from "./glob.js";
import { translateRegExp } from "./go-regexp.js";
import { trimSpace } from "./trim-space.js";

export interface IgnorePattern {
  /** True for a pattern that began with "!": what it matches is not ignored. */
  readonly negated: boolean;
  /** Whether the pattern matches the path itself. That it then holds for all below is the caller's matter. */
  readonly matches: (path: string) => boolean;
  /** False only when no path below `directory` can match. */
  readonly mayMatchBelow: (directory: string) => boolean;
}

/**
 * @param text is as `parseIgnore` gives it. It is cleaned once more, together with its "!", because moby does: `!../a`
 * comes out as `a`.
 * @throws bad_pattern
 */
export function parseIgnorePattern(text: string): IgnorePattern {
  const clean = cleanPath(trimSpace(text));
  const negated = clean.startsWith("!");
  const pattern = negated ? clean.slice(1) : clean;
  if (pattern === "") throw nothingNegated();
  compilePattern(pattern);
  return { negated, ...compile(pattern) };
}

function nothingNegated(): TsbuildError {
  const hint = 'Write after the "!" the path that is to be kept.';
  return new TsbuildError("bad_pattern", 'expected a pattern after "!", found nothing', { hint });
}

function compile(pattern: string): Pick<IgnorePattern, "matches" | "mayMatchBelow"> {
  const tokens = pattern.match(/\*\*\/?|\\[^]|[^]/gu) ?? [];
  const wild = tokens.filter((token) => /^[*?[\]\\]/.test(token));
  const isDeep = wild.length === 1 && wild[0]!.startsWith("**");
  if (wild.length === 0) return exact(pattern);
  if (isDeep && wild[0] === tokens[0]) return suffix(pattern.slice("**".length));
  if (isDeep && wild[0] === tokens.at(-1)) return prefix(pattern.slice(0, -"**".length));
  return expression(pattern, tokens);
}

function exact(path: string): Pick<IgnorePattern, "matches" | "mayMatchBelow"> {
  return { matches: (other) => other === path, mayMatchBelow: (directory) => path.startsWith(`${directory}/`) };
}

/** `foo/**`, which does not match `foo`. */
function prefix(start: string): Pick<IgnorePattern, "matches" | "mayMatchBelow"> {
  return {
    matches: (path) => path.startsWith(start),
    mayMatchBelow: (directory) => start.startsWith(`${directory}/`) || `${directory}/`.startsWith(start),
  };
}

/** `**foo` matches any end; `**` + "/foo" matches `foo` at the root too. */
function suffix(end: string): Pick<IgnorePattern, "matches" | "mayMatchBelow"> {
  return {
    matches: (path) => path.endsWith(end) || (end[0] === "/" && path === end.slice(1)),
    mayMatchBelow: () => true,
  };
}

function expression(pattern: string, tokens: readonly string[]): Pick<IgnorePattern, "matches" | "mayMatchBelow"> {
  const source = tokens.map((token, index) => goRegExpOf(token, index === tokens.length - 1)).join("");
  const regExp = translateRegExp(`^${source.replaceAll(/(?:\(\.\*\/\)\?){2,}/g, ANY_DIRECTORIES)}$`);
  if (!regExp) throw badPattern(pattern);
  return { matches: (path) => regExp.test(path), mayMatchBelow: reachOf(pattern) };
}

const ANY_DIRECTORIES = "(.*/)?";

/** What moby writes for a token. It knows no brackets: a wildcard between them is rewritten as well. */
function goRegExpOf(token: string, isLast: boolean): string {
  if (token.startsWith("**")) return isLast ? ".*" : ANY_DIRECTORIES;
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  return ".+()|{}$".includes(token) ? `\\${token}` : token;
}

/**
 * Each name at the beginning of a pattern whose wildcards cannot cross a "/" must match the name at its place. From the
 * first other name on, anything is possible.
 */
function reachOf(pattern: string): (directory: string) => boolean {
  const names = pattern.split("/");
  const found = names.findIndex((name) => /\*\*|[[\]\\^]/.test(name));
  const isOpen = found >= 0;
  const leading = names.slice(0, isOpen ? found : names.length).map(compilePattern);
  return (directory) => {
    const parts = directory.split("/");
    const agree = leading.slice(0, parts.length).every((matches, index) => matches(parts[index]!));
    return agree && (isOpen || leading.length > parts.length);
  };
}
