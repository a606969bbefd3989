// Patterns of Go's filepath.Match as data.
// https://pkg.go.dev/path/filepath#Match

import { encodeName } from "../../filesystem/index.js";

/** Text as Go sees it: one character per byte of UTF-8. */
export type Bytes = string;

/** A part of a pattern without a free `*`, and whether one stands before it. */
export interface Chunk {
  readonly star: boolean;
  readonly tokens: readonly Token[];
}

export type Token =
  | { readonly kind: "byte"; readonly byte: Bytes }
  /** `?`: any character but "/". */
  | { readonly kind: "any" }
  /** `[a-z]`: any character in one of the ranges, "/" too; `[^a-z]`: any in none of them. */
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

const ANY: Token = { kind: "any" };
const INVALID_RUNE = 0xfffd;

export function toBytes(text: string): Bytes {
  return Buffer.byteLength(text) === text.length ? text : encodeName(text).toString("latin1");
}

/** Undefined for a syntax error anywhere in the pattern. */
export function parsePattern(text: string): readonly Chunk[] | undefined {
  const pattern = toBytes(text);
  const chunks: Chunk[] = [];
  for (let at = 0; at < pattern.length;) {
    const start = at;
    while (pattern[at] === "*") at++;
    const end = endOfChunk(pattern, at);
    const tokens = parseChunk(pattern.slice(at, end));
    if (!tokens) return undefined;
    chunks.push({ star: at > start, tokens });
    at = end;
  }
  return chunks;
}

/** Where the next `*` is that stands in no brackets. Here `[` and `]` only switch; whether they pair is checked later, as in Go. */
function endOfChunk(pattern: Bytes, start: number): number {
  let inBrackets = false;
  for (let at = start; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (character === "[") inBrackets = true;
    else if (character === "]") inBrackets = false;
    else if (character === "*" && !inBrackets) return at;
  }
  return pattern.length;
}

function parseChunk(text: Bytes): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const next = parseToken(text, at);
    if (!next) return undefined;
    tokens.push(next.token);
    at = next.end;
  }
  return tokens;
}

function parseToken(text: Bytes, at: number): { readonly token: Token; readonly end: number } | undefined {
  if (text[at] === "[") return parseClass(text, at);
  if (text[at] === "?") return { token: ANY, end: at + 1 };
  const place = text[at] === "\\" ? at + 1 : at;
  return place < text.length ? { token: { kind: "byte", byte: text[place]! }, end: place + 1 } : undefined;
}

function parseClass(text: Bytes, start: number): { readonly token: Token; readonly end: number } | undefined {
  const negated = text[start + 1] === "^";
  const ranges: [number, number][] = [];
  let at = start + (negated ? 2 : 1);
  while (text[at] !== "]" || ranges.length === 0) {
    const low = parseBound(text, at);
    const high = low && text[low.end] === "-" ? parseBound(text, low.end + 1) : low;
    if (!low || !high) return undefined;
    ranges.push([low.value, high.value]);
    at = high.end;
  }
  return { token: { kind: "class", negated, ranges }, end: at + 1 };
}

/** One end of a range. Undefined where Go sees an error: nothing, `-`, `]`, bytes that are not UTF-8, or nothing after it. */
function parseBound(text: Bytes, start: number): { readonly value: number; readonly end: number } | undefined {
  if (start >= text.length || text[start] === "-" || text[start] === "]") return undefined;
  const at = text[start] === "\\" ? start + 1 : start;
  const { value, width } = runeAt(text, at);
  const isBroken = width === 0 || (value === INVALID_RUNE && width === 1) || at + width >= text.length;
  return isBroken ? undefined : { value, end: at + width };
}

/** Go's utf8.DecodeRune: a byte that begins no valid character is U+FFFD and one byte wide. */
export function runeAt(text: Bytes, at: number): { readonly value: number; readonly width: number } {
  if (at >= text.length) return { value: INVALID_RUNE, width: 0 };
  const first = text.charCodeAt(at);
  if (first < 0x80) return { value: first, width: 1 };
  const width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const character = Buffer.from(text.slice(at, at + width), "latin1");
  const value = character.toString("utf8").codePointAt(0)!;
  const isWhole = Buffer.from(String.fromCodePoint(value), "utf8").equals(character);
  return isWhole ? { value, width } : { value: INVALID_RUNE, width: 1 };
}
