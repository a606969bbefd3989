// Words and the variables inside them, as in `v${VERSION:-latest}`.
// https://docs.docker.com/reference/dockerfile/#environment-replacement

import type { Word } from "./ast.js";
import { DockerfileError } from "./error.js";
import type { Escape } from "./lines.js";
import { tokenize, type Token } from "./lexer.js";
import { locate } from "./locate.js";

export interface WordOptions {
  /** @default "\\" */
  readonly escape?: Escape;
  /** False to let quotes mean themselves, as in bodies of heredocs and in the JSON form. @default true */
  readonly quotes?: boolean;
}

export type Operator = "-" | ":-" | "+" | ":+" | "?" | ":?" | "#" | "##" | "%" | "%%" | "/" | "//";

export type WordPart = Literal | Variable;

/** Text without its quotes and escapes. In a pattern escapes are kept, as backslashes. */
export interface Literal {
  readonly text: string;
  /** True when the text was quoted or escaped, so that a list is not split in it. */
  readonly quoted: boolean;
}

export interface Variable {
  readonly name: string;
  /** Absent for `$NAME` and `${NAME}`. */
  readonly operator?: Operator;
  /** The default, the message or the pattern. */
  readonly word: readonly WordPart[];
  /** What `/` and `//` put in place of a match. */
  readonly replacement?: readonly WordPart[];
  readonly quoted: boolean;
  /** Where the variable begins in the word's text. */
  readonly offset: number;
}

/**
 * Reads the quotes, escapes and variables of a word, in time proportional to its length however deep variables are nested.
 *
 * @throws DockerfileError `unterminated_quote`, `unterminated_variable` or `bad_variable`
 */
export function parseWord(word: Word, options: WordOptions = {}): WordPart[] {
  const { escape = "\\", quotes = true } = options;
  const reader = new WordReader(word, escape);
  for (const token of tokenize(word.text, { escape, quotes })) reader.add(token);
  return reader.end();
}

/** One `${…}` that is open, or the word itself. */
interface Frame {
  /** Where parts go: the word, the variable's word or its replacement. */
  parts: WordPart[];
  /** The offset of the double quote that is open. */
  quote?: number;
  /** Where the variable begins, and whether escapes stay in its word. */
  readonly offset: number;
  readonly pattern: boolean;
  /** Makes `parts` the replacement of the variable. */
  readonly replace?: () => WordPart[];
}

class WordReader {
  readonly #word: Word;
  readonly #escape: Escape;
  readonly #parts: WordPart[] = [];
  readonly #stack: Frame[] = [{ parts: this.#parts, offset: 0, pattern: false }];

  constructor(word: Word, escape: Escape) {
    this.#word = word;
    this.#escape = escape;
  }

  add(token: Token): void {
    const frame = this.#stack.at(-1)!;
    const quoted = frame.quote !== undefined;
    switch (token.type) {
      case "text":
        if (token.text !== this.#escape || quoted) frame.parts.push({ text: token.text, quoted });
        break;
      case "escaped":
        frame.parts.push({ text: frame.pattern ? `\\${token.text.slice(1)}` : token.text.slice(1), quoted: true });
        break;
      case "single":
        frame.parts.push({ text: token.text.slice(1, -1), quoted: true });
        break;
      case "double":
        if (quoted) delete frame.quote;
        else frame.quote = token.offset;
        break;
      case "variable":
        frame.parts.push({ name: token.text.replace(/^\$\{?|\}$/g, ""), word: [], quoted, offset: token.offset });
        break;
      case "open":
        this.#open(token, frame.parts, quoted);
        break;
      case "slash":
        frame.parts = frame.replace!();
        break;
      case "close":
        this.#stack.pop();
        break;
      case "single_open":
        throw this.#unterminatedQuote(token.offset);
      case "bad":
        throw this.#badVariable(token.offset);
    }
  }

  /** @throws DockerfileError when a quote or a variable is still open */
  end(): WordPart[] {
    const { offset, quote } = this.#stack.at(-1)!;
    if (quote !== undefined) throw this.#unterminatedQuote(quote);
    if (this.#stack.length === 1) return this.#parts;
    throw this.#unterminatedVariable(offset);
  }

  #open({ text, offset }: Token, parts: WordPart[], quoted: boolean): void {
    const [, name = "", operator] = OPENING.exec(text)!;
    const word: WordPart[] = [];
    const variable = { name, operator: operator as Operator, word, quoted, offset };
    parts.push(variable);
    const replace = (): WordPart[] => ((variable as { replacement?: WordPart[] }).replacement = []);
    this.#stack.push({ parts: word, offset, pattern: /[#%/]/.test(operator!), replace });
  }

  #unterminatedQuote(offset: number): DockerfileError {
    const quote = this.#word.text[offset]!;
    const hint = "Close the quote, or escape it to mean the character itself.";
    return new DockerfileError(
      "unterminated_quote",
      `the quote ${quote} is never closed`,
      locate(this.#word, offset, 1),
      { hint },
    );
  }

  #unterminatedVariable(offset: number): DockerfileError {
    const span = locate(this.#word, offset, this.#word.text.length - offset);
    const message = `"${start(this.#word.text.slice(offset))}" never closes "\${"`;
    return new DockerfileError("unterminated_variable", message, span, { hint: 'Add the missing "}".' });
  }

  #badVariable(offset: number): DockerfileError {
    const rest = this.#word.text.slice(offset);
    const close = rest.indexOf("}");
    if (close < 0) return this.#unterminatedVariable(offset);
    const written = rest.slice(0, close + 1);
    const hint = "Use ${NAME}, or an operator of - :- + :+ ? :? # ## % %% / // after the name.";
    return new DockerfileError(
      "bad_variable",
      `"${start(written)}" is not a variable`,
      locate(this.#word, offset, written.length),
      { hint },
    );
  }
}

/** The name and the operator of `${NAME:-`. A special parameter such as `#` is a name of one character. */
const OPENING = /^\$\{([\p{L}\p{Nd}_]+|.)(.+)$/u;

/** As much of the text as a message needs. */
function start(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
