// The values of variables and what their operators make of them (S-042 to S-045).
// https://docs.docker.com/reference/dockerfile/#environment-replacement

import type { Word } from "./ast.js";
import { DockerfileError } from "./error.js";
import { locate } from "./locate.js";
import { BadPattern, MOST_TEXT, Pattern, TooLong } from "./pattern.js";
import type { Operator, Variable, WordPart } from "./word.js";

/** Looks a variable up; undefined when it is not set. */
export type Environment = (name: string) => string | undefined;

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

/** Expands the parts of one word, and remembers which variables it met. Nesting is kept on a list, not on the call stack, which a Dockerfile could exhaust. */
export class Expander {
  readonly missing = new Set<string>();
  readonly used = new Set<string>();
  readonly #word: Word;
  readonly #environment: Environment;
  /** How much text was made so far. */
  #length = 0;

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
      if (text !== undefined) frame.text += this.#counted(text);
      const inner = frame.parts[frame.next++];
      if (inner === undefined) text = this.#end(frame, stack);
      else text = "name" in inner ? this.#begin(inner, stack) : inner.text;
    }
    return this.#counted(text!);
  }

  /** `text`, unless values that hold one another, as in `A=$A$A`, have grown beyond measure. */
  #counted(text: string): string {
    this.#length += text.length;
    if (this.#length > MOST_TEXT) throw this.#tooLong();
    return text;
  }

  #tooLong(): DockerfileError {
    const hint = "Look for a variable that is made of itself.";
    const message = `the word becomes longer than ${MOST_TEXT} characters`;
    return new DockerfileError("limit_exceeded", message, this.#word.span, { hint });
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
    return this.#replace(pattern, value, replacement, operator === "//");
  }

  #replace(pattern: Pattern, value: string, replacement: string, all: boolean): string {
    try {
      return pattern.replace(value, replacement, all);
    } catch (error) {
      throw error instanceof TooLong ? this.#tooLong() : error;
    }
  }

  #pattern({ offset }: Variable, text: string): Pattern {
    try {
      return new Pattern(text);
    } catch (error) {
      if (!(error instanceof BadPattern)) throw error;
      const hint = "Escape only *, ?, }, / and the backslash in a pattern.";
      throw new DockerfileError(
        "bad_pattern",
        `the pattern "${text}" is not valid: ${error.message}`,
        locate(this.#word, offset, 2),
        { hint },
      );
    }
  }

  #required({ name, offset }: Variable, value: string | undefined, message: string): DockerfileError {
    const state = value === undefined ? "is not set" : "is empty";
    const hint = `Give it a value, as with --build-arg ${name}=VALUE.`;
    return new DockerfileError(
      "required_variable",
      `${name}: ${message || state}`,
      locate(this.#word, offset, name.length + 3),
      { hint },
    );
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
