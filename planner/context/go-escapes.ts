// The escapes and named classes of Go's regular expressions. Each reader takes the text from the escape on, and gives
// undefined when it is not its own.
// https://pkg.go.dev/regexp/syntax

/** What stands for a set of characters: its text, and the same as the content of JavaScript's brackets. */
export interface ClassText {
  readonly text: string;
  readonly content: string;
}

type Ranges = readonly (readonly [number, number])[];

const MAX = 0x10ffff;
const DIGITS = "09";
const WORD = "09AZ__az";
const SPACE = "\t\n\f\r  ";

/** Ranges as pairs of characters, in ascending order. */
const NAMED: Readonly<Record<string, string>> = {
  alnum: "09AZaz",
  alpha: "AZaz",
  ascii: "\x00\x7f",
  blank: "\t\t  ",
  cntrl: "\x00\x1f\x7f\x7f",
  digit: DIGITS,
  graph: "!~",
  lower: "az",
  print: " ~",
  punct: "!/:@[`{~",
  space: "\t\r  ",
  upper: "AZ",
  word: WORD,
  xdigit: "09AFaf",
};

const PERL: Readonly<Record<string, string>> = { d: DIGITS, s: SPACE, w: WORD };

const CONTROLS: Readonly<Record<string, string>> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** `[:alpha:]` or `[:^alpha:]` inside brackets; "unknown" for a name that Go does not know. */
export function namedClass(rest: string): ClassText | "unknown" | undefined {
  const [text, body] = /^\[:([^]*?):\]/.exec(rest) ?? [];
  if (text === undefined || body === undefined) return undefined;
  const pairs = NAMED[body.replace(/^\^/, "")];
  return pairs === undefined ? "unknown" : { text, content: contentOf(pairs, body.startsWith("^")) };
}

/** `\d`, `\s`, `\w`, and their opposites in upper case. */
export function classEscape(rest: string): ClassText | undefined {
  const [text, letter] = /^\\([dswDSW])/.exec(rest) ?? [];
  if (text === undefined || letter === undefined) return undefined;
  const lower = letter.toLowerCase();
  return { text, content: contentOf(PERL[lower]!, letter !== lower) };
}

/** `\pL` and `\PL`. The form with braces cannot occur: moby escapes braces. */
export function unicodeClass(rest: string): ClassText | undefined {
  const [text, letter, name] = /^\\([pP])([CLMNPSZ])/.exec(rest) ?? [];
  return text === undefined ? undefined : { text, content: `\\${letter}{${name}}` };
}

/** An escape that stands for one character; undefined for one that Go refuses. */
export function parseEscape(rest: string): { readonly text: string; readonly character: string } | undefined {
  const [text, code] =
    /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2}|x[0-9A-Fa-f]{2}|[afnrtv]|[^0-9A-Za-z\u{80}-\u{10ffff}])/u.exec(rest) ?? [];
  if (text === undefined || code === undefined) return undefined;
  return { text, character: characterOf(code) };
}

function characterOf(code: string): string {
  if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
  if (code.length === 3) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
  return CONTROLS[code] ?? code;
}

function contentOf(pairs: string, negated: boolean): string {
  const codes = Array.from(pairs, (character) => character.codePointAt(0)!);
  const ranges = codes.flatMap((low, index) => (index % 2 === 0 ? [[low, codes[index + 1]!] as const] : []));
  return (negated ? complementOf(ranges) : ranges)
    .map(([low, high]) => `${escapeCode(low)}-${escapeCode(high)}`)
    .join("");
}

function complementOf(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  let next = 0;
  for (const [low, high] of ranges) {
    if (low > next) result.push([next, low - 1]);
    next = high + 1;
  }
  return [...result, [next, MAX]];
}

function escapeCode(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
