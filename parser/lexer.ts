// The tokens of a word: quotes, escapes and variables, as in `v${VERSION:-"latest"}`.
// https://docs.docker.com/reference/dockerfile/#environment-replacement

import moo from "moo";
import type { Escape } from "./lines.js";

export type TokenType =
  | "text" // also a "$" or an escape character that means itself
  | "escaped" // the escape character and the character that it escapes
  | "single" // a whole single-quoted string
  | "single_open" // a single quote that is never closed
  | "double" // a double quote, opening or closing
  | "variable" // $NAME or ${NAME}
  | "open" // ${NAME and an operator
  | "slash" // between pattern and replacement
  | "close" // the brace that ends a variable
  | "bad"; // "${" that begins no variable

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly offset: number;
}

export interface WordSyntax {
  readonly escape: Escape;
  /** False where quotes mean themselves: in bodies of heredocs. */
  readonly quotes: boolean;
}

/** The tokens of `word`, in order and without a gap. */
export function* tokenize(word: string, syntax: WordSyntax): Generator<Token> {
  const lexer = lexerFor(word, syntax).reset(word);
  for (const { type, text, offset } of lexer) yield { type: kind(type!), text, offset };
}

/** Characters that a name begins with and goes on with, and digits. */
interface Alphabet {
  readonly letter: string;
  readonly digit: string;
  readonly regexpFlags: string;
}

/** The classes of Unicode take 30 ms to compile, so words in ASCII, which is nearly all of them, go without. */
const ASCII: Alphabet = { letter: "A-Za-z_", digit: "0-9", regexpFlags: "" };
const UNICODE: Alphabet = { letter: String.raw`\p{L}_`, digit: String.raw`\p{Nd}`, regexpFlags: "u" };

const lexers = new Map<string, moo.Lexer>();

function lexerFor(word: string, { escape, quotes }: WordSyntax): moo.Lexer {
  // oxlint-disable-next-line no-control-regex
  const alphabet = /^[\0-\x7f]*$/.test(word) ? ASCII : UNICODE;
  const key = `${escape} ${quotes} ${alphabet.regexpFlags}`;
  const lexer = lexers.get(key) ?? compile(escape, quotes, alphabet);
  lexers.set(key, lexer);
  return lexer;
}

/** moo wants a name of its own for each rule of a state; a suffix after ":" tells them apart. */
function kind(type: string): TokenType {
  return type.split(":", 1)[0] as TokenType;
}

function compile(escape: Escape, quotes: boolean, alphabet: Alphabet): moo.Lexer {
  const rule = (source: string): { match: RegExp; lineBreaks: true } => ({
    match: new RegExp(source, alphabet.regexpFlags),
    lineBreaks: true,
  });
  const e = escape === "\\" ? String.raw`\\` : "`";
  const variables = variableRules(rule, alphabet);
  const strings = quotes
    ? { single: rule("'[^']*'"), single_open: rule("'"), "double:open": { ...rule('"'), push: "double" } }
    : {};
  const ends = quotes ? `$'"${e}` : `$${e}`;
  const escaped = rule(`${e}[^]`);
  const alone = rule("[^]");
  const close = { ...rule(String.raw`\}`), pop: 1 as const };
  return moo.states({
    word: { escaped, ...variables, ...strings, text: rule(`[^${ends}]+`), "text:alone": alone },
    argument: { close, escaped, ...variables, ...strings, text: rule(`[^${ends}}]+`), "text:alone": alone },
    pattern: {
      close,
      slash: { ...rule(String.raw`\/`), next: "argument" },
      escaped,
      ...variables,
      ...strings,
      text: rule(`[^${ends}}/]+`),
      "text:alone": alone,
    },
    double: {
      "double:close": { ...rule('"'), pop: 1 as const },
      escaped: rule(`${e}["$${e}]`),
      ...variables,
      text: rule(`[^$"${e}]+`),
      "text:alone": alone,
    },
  });
}

/** A name, a positional parameter or a special one; none of the last two kinds is ever set. */
function variableRules(rule: (source: string) => moo.Rule, { letter, digit }: Alphabet): moo.Rules {
  const name = String.raw`(?:[${letter}][${letter}${digit}]*|[${digit}]+|[@*#?\-$!])`;
  const open = (operators: string, next: string): moo.Rule => ({
    ...rule(String.raw`\$\{${name}${operators}`),
    push: next,
  });
  return {
    variable: rule(String.raw`\$${name}|\$\{${name}\}`),
    "open:trim": open("(?:##?|%%?)", "argument"),
    "open:choose": open(":?[-+?]", "argument"),
    "open:replace": open(String.raw`\/\/?`, "pattern"),
    bad: rule(String.raw`\$\{`),
  };
}
