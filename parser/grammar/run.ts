// Runs a compiled grammar.

import nearley from "nearley";

/** A grammar that nearley compiled, made ready when it is first used. */
export class Grammar<T> {
  readonly #rules: nearley.CompiledRules;
  #grammar: nearley.Grammar | undefined;
  /** The last text and its reading: the same value often stands in many lines, and a reading costs 20 µs. */
  #last: { readonly text: string; readonly reading: T | undefined } | undefined;

  /** @param compiled what a `*.grammar.ts` exports, whose types say less */
  constructor(compiled: object) {
    this.#rules = compiled as nearley.CompiledRules;
  }

  /**
   * The one reading that the grammar has of `text`, or undefined when it has none.
   *
   * @throws Error when it has several: then the grammar is wrong
   */
  read(text: string): T | undefined {
    if (this.#last?.text !== text) this.#last = { text, reading: this.#parse(text) };
    return this.#last.reading;
  }

  #parse(text: string): T | undefined {
    this.#grammar ??= nearley.Grammar.fromCompiled(this.#rules);
    const parser = new nearley.Parser(this.#grammar);
    if (!accepts(parser, text)) return undefined;
    if (parser.results.length > 1) throw new Error(`a grammar reads "${text}" in ${parser.results.length} ways`);
    return parser.results[0] as T | undefined;
  }
}

function accepts(parser: nearley.Parser, text: string): boolean {
  try {
    parser.feed(text);
    return true;
  } catch (error) {
    if (isSyntaxError(error)) return false;
    throw error;
  }
}

/** nearley marks the errors of its parser by their offset; those of a lexer begin with a fixed text. */
function isSyntaxError(error: unknown): boolean {
  return error instanceof Error && ("offset" in error || error.message.startsWith("invalid syntax"));
}
