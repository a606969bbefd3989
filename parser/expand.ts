// Words with their variables put in (S-041 to S-047).
// https://docs.docker.com/reference/dockerfile/#environment-replacement

import type { Heredoc, Word } from "./ast.js";
import { skipSpace, isSpace } from "./blank.js";
import { DockerfileError } from "./error.js";
import { locate } from "./locate.js";
import { BadPattern, Pattern } from "./pattern.js";
import { parseWord, type Operator, type Variable, type WordOptions, type WordPart } from "./word.js";

/** Looks a variable up; undefined when it is not set. */
export type Environment = (name: string) => string | undefined;

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
  const text = parseWord(word, options).map((part) => expander.expand(part)).join("");
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
  const { content, expand, span } = heredoc;
  if (!expand) return { text: content, missing: [], used: [] };
  const line = span.line - (content.split("\n").length - 1);
  const written = span.file.lines[line - 1] ?? "";
  const column = 1 + Math.max(0, skipTabs(written) - skipTabs(content));
  return expandWord({ text: content, span: { file: span.file, line, column, length: 1 } }, environment, { quotes: false });
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
    for (let start = 0; start < text.length; ) {
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

/** A variable whose word or replacement is being expanded. */
interface Frame {
  readonly variable: Variable;
  readonly value: string | undefined;
  parts: readonly WordPart[];
  next: number;
  text: string;
  /** The pattern, while the replacement is being expanded. */
  pattern?: string;
}

/** Expands the parts of one word. Nesting is kept on a list, not on the call stack, which a Dockerfile could exhaust. */
class Expander {
  readonly missing = new Set<string>();
  readonly used = new Set<string>();
  readonly #word: Word;
  readonly #environment: Environment;

  constructor(word: Word, environment: Environment) {
    this.#word = word;
    this.#environment = environment;
  }

  expand(part: WordPart): string {
    if (!("name" in part)) return part.text;
    const stack: Frame[] = [];
    let text = this.#begin(part, stack);
    while (stack.length > 0) {
      const frame = stack.at(-1)!;
      if (text !== undefined) frame.text += text;
      const inner = frame.parts[frame.next++];
      if (inner === undefined) text = this.#end(frame, stack);
      else text = "name" in inner ? this.#begin(inner, stack) : inner.text;
    }
    return text!;
  }

  /** The value of a variable, or undefined when its word has to be expanded first. */
  #begin(variable: Variable, stack: Frame[]): string | undefined {
    const value = this.#environment(variable.name);
    if (value !== undefined) this.used.add(variable.name);
    else if (!decides(variable.operator)) this.missing.add(variable.name);
    if (!needsWord(variable.operator, value)) return variable.operator?.endsWith("+") ? "" : (value ?? "");
    stack.push({ variable, value, parts: variable.word, next: 0, text: "" });
    return undefined;
  }

  /** The value of the variable whose word is expanded now, or undefined when its replacement is to follow. */
  #end(frame: Frame, stack: Frame[]): string | undefined {
    const { variable, value = "", text } = frame;
    if (variable.replacement && frame.pattern === undefined) {
      Object.assign(frame, { pattern: text, parts: variable.replacement, next: 0, text: "" });
      return undefined;
    }
    stack.pop();
    if (variable.operator!.endsWith("?")) throw this.#required(variable, frame.value, text);
    if (decides(variable.operator)) return text;
    return this.#match(variable, value, frame.pattern ?? text, frame.pattern === undefined ? "" : text);
  }

  #match(variable: Variable, value: string, text: string, replacement: string): string {
    const operator = variable.operator!;
    const pattern = this.#pattern(variable, text);
    if (operator.startsWith("#")) return pattern.trimPrefix(value, operator === "##");
    if (operator.startsWith("%")) return pattern.trimSuffix(value, operator === "%%");
    return pattern.replace(value, replacement, operator === "//");
  }

  #pattern({ offset }: Variable, text: string): Pattern {
    try {
      return new Pattern(text);
    } catch (error) {
      if (!(error instanceof BadPattern)) throw error;
      const hint = "Escape only *, ?, }, / and the backslash in a pattern.";
      throw new DockerfileError("bad_pattern", `the pattern "${text}" is not valid: ${error.message}`, locate(this.#word, offset, 2), { hint });
    }
  }

  #required({ name, offset }: Variable, value: string | undefined, message: string): DockerfileError {
    const state = value === undefined ? "is not set" : "is empty";
    const hint = `Give it a value, as with --build-arg ${name}=VALUE.`;
    return new DockerfileError("required_variable", `${name}: ${message || state}`, locate(this.#word, offset, name.length + 3), { hint });
  }
}

/** True for operators that say themselves what a variable that is not set becomes. */
function decides(operator: Operator | undefined): boolean {
  return operator !== undefined && /[-+?]$/.test(operator);
}

/** Words that are not needed are not expanded, so what is wrong in them does not matter (S-042). */
function needsWord(operator: Operator | undefined, value: string | undefined): boolean {
  if (operator === undefined) return false;
  if (!decides(operator)) return true;
  const unset = value === undefined || (operator.startsWith(":") && value === "");
  return operator.endsWith("+") ? !unset : unset;
}
