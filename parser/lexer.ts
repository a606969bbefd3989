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

/** A name, a positional parameter or a special one. None of the last two kinds is ever set. */
const NAME = String.raw`(?:[\p{L}_][\p{L}\p{Nd}_]*|\p{Nd}+|[@*#?\-$!])`;

const VARIABLE = new RegExp(String.raw`\$${NAME}|\$\{${NAME}\}`, "u");
const open = (operators: string, next: string): moo.Rule => ({ match: new RegExp(String.raw`\$\{${NAME}${operators}`, "u"), push: next });

/** The tokens of `word`, in order and without a gap. */
export function* tokenize(word: string, syntax: WordSyntax): Generator<Token> {
  const lexer = lexerFor(syntax).reset(word);
  for (const { type, text, offset } of lexer) yield { type: kind(type!), text, offset };
}

const lexers = new Map<string, moo.Lexer>();

function lexerFor({ escape, quotes }: WordSyntax): moo.Lexer {
  const key = escape + String(quotes);
  const lexer = lexers.get(key) ?? compile(escape, quotes);
  lexers.set(key, lexer);
  return lexer;
}

/** moo wants a name of its own for each rule of a state; a suffix after ":" tells them apart. */
function kind(type: string): TokenType {
  return type.split(":", 1)[0] as TokenType;
}

function compile(escape: Escape, quotes: boolean): moo.Lexer {
  const e = escape === "\\" ? String.raw`\\` : "`";
  const escaped = { match: new RegExp(`${e}[^]`, "u"), lineBreaks: true };
  const text = (ends: string): moo.Rule => ({ match: new RegExp(`[^${ends}]+`, "u"), lineBreaks: true });
  const variables = {
    variable: VARIABLE,
    "open:trim": open("(?:##?|%%?)", "argument"),
    "open:choose": open(":?[-+?]", "argument"),
    "open:replace": open(String.raw`\/\/?`, "pattern"),
    bad: /\$\{/u,
  };
  const strings = quotes ? { single: { match: /'[^']*'/u, lineBreaks: true }, single_open: "'", "double:open": { match: '"', push: "double" } } : {};
  const ends = quotes ? `$'"${e}` : `$${e}`;
  const alone = { match: /[^]/u, lineBreaks: true };
  return moo.states({
    word: { escaped, ...variables, ...strings, text: text(ends), "text:alone": alone },
    argument: { close: { match: "}", pop: 1 }, escaped, ...variables, ...strings, text: text(`${ends}}`), "text:alone": alone },
    pattern: { close: { match: "}", pop: 1 }, slash: { match: "/", next: "argument" }, escaped, ...variables, ...strings, text: text(String.raw`${ends}}\/`), "text:alone": alone },
    double: {
      "double:close": { match: '"', pop: 1 },
      escaped: new RegExp(`${e}["$${e}]`, "u"),
      ...variables,
      text: text(`$"${e}`),
      "text:alone": alone,
    },
  });
}
