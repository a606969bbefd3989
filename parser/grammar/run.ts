// Runs a compiled grammar.

import nearley from "nearley";

/** What a grammar of nearley exports, which has its own idea of types. */
export type Compiled = nearley.CompiledRules;

/**
 * The one reading that the grammar has of `text`, or undefined when it has none.
 *
 * @throws Error when it has several: then the grammar is wrong
 */
export function runGrammar<T>(compiled: Compiled, text: string): T | undefined {
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(compiled));
  try {
    parser.feed(text);
  } catch (error) {
    if (isSyntaxError(error)) return undefined;
    throw error;
  }
  if (parser.results.length > 1) throw new Error(`a grammar reads "${text}" in ${parser.results.length} ways`);
  return parser.results[0] as T | undefined;
}

/** nearley marks the errors of its parser, and so does moo, by what they hold. */
function isSyntaxError(error: unknown): boolean {
  return error instanceof Error && ("offset" in error || error.message.startsWith("invalid syntax"));
}
