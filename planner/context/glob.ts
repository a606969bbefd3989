// Patterns of COPY and ADD: Go's filepath.Match, byte for byte (S-082). There is no "**", and a dot is nothing special.
// https://pkg.go.dev/path/filepath#Match

import { TsbuildError } from "../../errors.js";
import { cleanPath } from "../paths.js";
import { type Bytes, type Chunk, parsePattern, runeAt, toBytes, type Token } from "./glob-syntax.js";

/**
 * Whether the whole of `name` matches `pattern`: `*` and `?` stop at "/", `[a-z]` and `[^a]` do not, `\` takes the next
 * character as it is.
 * @throws bad_pattern, whatever `name` is.
 */
export function matchPattern(pattern: string, name: string): boolean {
  return compilePattern(pattern)(name);
}

/**
 * `matchPattern` for many names.
 * @throws bad_pattern
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  const chunks = parsePattern(pattern);
  if (!chunks) throw badPattern(pattern);
  return (name) => matchChunks(chunks, toBytes(name));
}

/** True when `text` has a `*`, `?` or `[` that no backslash takes as it is. */
export function hasWildcard(text: string): boolean {
  return /^(?:[^*?[\\]|\\[^])*[*?[]/.test(text);
}

/**
 * Splits a source at its first name with a wildcard: `pattern` is matched against paths relative to `directory`.
 * It is "" when there is no wildcard. The directory of an absolute source is absolute.
 */
export function splitPattern(source: string): { readonly directory: string; readonly pattern: string } {
  const names = cleanPath(source).split("/");
  const found = names.findIndex(hasWildcard);
  const first = found < 0 ? names.length : found;
  const isAbsolute = names[0] === "" && first > 0;
  const directory = names.slice(0, first).join("/");
  return { directory: isAbsolute && directory === "" ? "/" : directory, pattern: names.slice(first).join("/") };
}

export function badPattern(pattern: string): TsbuildError {
  const hint = 'Close each "[" with "]", and put "\\" before a character that is meant as it is.';
  return new TsbuildError("bad_pattern", `expected a pattern, found a syntax error in "${pattern}"`, { hint });
}

/** Each `*` takes as little as it can and is never tried again, as in Go. */
function matchChunks(chunks: readonly Chunk[], name: Bytes): boolean {
  let rest = name;
  for (const [index, { star, tokens }] of chunks.entries()) {
    if (star && tokens.length === 0) return !rest.includes("/");
    const isLast = index === chunks.length - 1;
    const after = star ? matchAfterStar(tokens, rest, isLast) : matchTokens(tokens, rest);
    if (after === undefined || (isLast && after !== "")) return false;
    rest = after;
  }
  return rest === "";
}

function matchAfterStar(tokens: readonly Token[], name: Bytes, isLast: boolean): Bytes | undefined {
  for (let skip = 0; ; skip++) {
    const after = matchTokens(tokens, name.slice(skip));
    if (after !== undefined && (!isLast || after === "")) return after;
    if (skip >= name.length || name[skip] === "/") return undefined;
  }
}

/** What is left of `name` after the tokens have matched its beginning; undefined when they do not. */
function matchTokens(tokens: readonly Token[], name: Bytes): Bytes | undefined {
  let at = 0;
  for (const token of tokens) {
    const width = matchToken(token, name, at);
    if (width === 0) return undefined;
    at += width;
  }
  return name.slice(at);
}

/** Bytes of `name` that the token takes; 0 when it does not match. */
function matchToken(token: Token, name: Bytes, at: number): number {
  if (token.kind === "byte") return token.byte === name[at] ? 1 : 0;
  const { value, width } = runeAt(name, at);
  if (token.kind === "any") return name[at] === "/" ? 0 : width;
  return token.ranges.some(([low, high]) => low <= value && value <= high) === token.negated ? 0 : width;
}
