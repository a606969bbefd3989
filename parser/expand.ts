// Words with their variables put in (S-041 to S-047).
// https://docs.docker.com/reference/dockerfile/#environment-replacement

import type { Heredoc, Word } from "./ast.js";
import { isSpace, skipSpace } from "./blank.js";
import { Expander, type Environment } from "./expander.js";
import { parseWord, type WordOptions } from "./word.js";

export interface Expansion {
  readonly text: string;
  /** Variables that are not set and have no operator that says what then: they became empty text (S-041). */
  readonly missing: readonly string[];
  /** Variables that are set and were looked up. */
  readonly used: readonly string[];
}

/** A list of words that one word became. */
export interface ListExpansion extends Omit<Expansion, "text"> {
  readonly words: readonly string[];
}

/**
 * Removes quotes and escapes and puts the values of variables in.
 *
 * @throws DockerfileError for what `parseWord` refuses, `required_variable` for `${x:?}` and `bad_pattern`
 */
export function expandWord(word: Word, environment: Environment, options: WordOptions = {}): Expansion {
  if (isPlain(word.text, options)) return { text: word.text, missing: [], used: [] };
  const expander = new Expander(word, environment);
  const text = parseWord(word, options)
    .map((part) => expander.expand(part))
    .join("");
  return { text, missing: [...expander.missing], used: [...expander.used] };
}

/**
 * As `expandWord`, then splits at white space that is not quoted, be it written or out of a variable (S-047).
 * Text that is empty makes no word.
 */
export function expandWords(word: Word, environment: Environment, options: WordOptions = {}): ListExpansion {
  const expander = new Expander(word, environment);
  const list = new WordList();
  for (const part of parseWord(word, options)) {
    const text = expander.expand(part);
    if (part.quoted) list.append(text);
    else list.split(text);
  }
  return { words: list.end(), missing: [...expander.missing], used: [...expander.used] };
}

/** The content of a heredoc of COPY or ADD. Quotes mean themselves, and the escape character is always a backslash (S-035). */
export function expandHeredoc(heredoc: Heredoc, environment: Environment): Expansion {
  if (!heredoc.expand) return { text: heredoc.content, missing: [], used: [] };
  return expandWord(heredocWord(heredoc), environment, HEREDOC_OPTIONS);
}

/** How the word of a heredoc's content is read. */
export const HEREDOC_OPTIONS: WordOptions = { escape: "\\", quotes: false };

/** The content with its place: the first line behind the instruction or the heredoc before. */
export function heredocWord({ content, span: { file, line: end } }: Heredoc): Word {
  const line = end - (content.split("\n").length - 1);
  const column = 1 + Math.max(0, skipTabs(file.lines[line - 1] ?? "") - skipTabs(content));
  return { text: content, span: { file, line, column, length: 1 } };
}

function skipTabs(text: string): number {
  return /^\t*/.exec(text)![0].length;
}

/** Most words have neither variables nor quotes: they are not worth a lexer. */
function isPlain(text: string, { escape = "\\", quotes = true }: WordOptions): boolean {
  if (text.includes("$") || text.includes(escape)) return false;
  return !quotes || !(text.includes('"') || text.includes("'"));
}

/** Words that are cut out of pieces of text. */
class WordList {
  readonly #words: string[] = [];
  #word = "";

  append(text: string): void {
    this.#word += text;
  }

  split(text: string): void {
    for (let start = 0; start < text.length;) {
      if (isSpace(text[start]!)) this.#endWord();
      start = skipSpace(text, start);
      let end = start;
      while (end < text.length && !isSpace(text[end]!)) end++;
      this.#word += text.slice(start, end);
      start = end;
    }
  }

  end(): readonly string[] {
    this.#endWord();
    return this.#words;
  }

  #endWord(): void {
    if (this.#word !== "") this.#words.push(this.#word);
    this.#word = "";
  }
}
