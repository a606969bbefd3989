// Failures that have a place in a Dockerfile.

import { TsbuildError, type ErrorCode, type TsbuildErrorOptions } from "../errors.js";
import type { Span } from "./source.js";

export interface DockerfileErrorOptions extends TsbuildErrorOptions {
  /** The other errors of the same file, in file order. */
  readonly others?: readonly DockerfileError[];
}

/** How much of a very long line an excerpt shows, in characters. */
const WIDTH = 160;

/** How long a message may be, which quotes text of the file. */
const LONGEST_MESSAGE = 240;

/** A failure that points at a place in a Dockerfile. Its message is one line whatever text it quotes. */
export class DockerfileError extends TsbuildError {
  override readonly name = "DockerfileError";
  readonly span: Span;
  /** What else is wrong in the same file. Each has no `others` of its own. */
  readonly others: readonly DockerfileError[];

  constructor(code: ErrorCode, message: string, span: Span, options: DockerfileErrorOptions = {}) {
    super(code, oneLine(message), options);
    this.span = span;
    this.others = options.others ?? [];
  }

  /**
   * The failing line with `context` lines above and below it and a caret under the span:
   *
   *     Dockerfile:2:13
   *     1 | FROM alpine AS builder
   *     2 | COPY --from=bulider /out /
   *       |             ^^^^^^^
   *
   * @param context in lines, at least 0
   */
  excerpt(context = 1): string {
    const { file, line, column, length } = this.span;
    const first = Math.max(1, line - context);
    const last = Math.min(file.lines.length, line + context);
    const gutter = String(last).length;
    const rows = [`${file.path}:${line}:${column}`];

    for (let number = first; number <= last; number++) {
      const text = file.lines[number - 1] ?? "";
      const from = number === line ? firstShown(text, column) : 0;
      rows.push(`${String(number).padStart(gutter)} | ${printable(text.slice(from, from + WIDTH))}`.trimEnd());
      if (number === line) rows.push(`${" ".repeat(gutter)} | ${underline(text.slice(from), column - from, length)}`);
    }
    return rows.join("\n");
  }
}

/** Throws the first of `errors` with the rest as its `others`; returns when there is none. */
export function throwErrors(errors: readonly DockerfileError[]): void {
  const [first, ...others] = errors;
  if (first === undefined) return;
  const { code, message, span, hint, cause } = first;
  throw new DockerfileError(code, message, span, { ...(hint !== undefined && { hint }), cause, others });
}

/** The error without its `others`, then those. */
export function separate(error: DockerfileError): readonly DockerfileError[] {
  if (error.others.length === 0) return [error];
  const { code, message, span, hint, cause } = error;
  return [new DockerfileError(code, message, span, { ...(hint !== undefined && { hint }), cause }), ...error.others];
}

/** Of something that is wrong throughout, this many errors are enough. */
export const MOST_ERRORS = 20;

/** What `read` makes of each item; what is wrong with any of them is thrown when all have been looked at, or 20 were wrong. */
export function mapAll<Item, Result>(items: readonly Item[], read: (item: Item) => Result): Result[] {
  const errors: DockerfileError[] = [];
  const results: Result[] = [];
  for (const item of items) {
    try {
      results.push(read(item));
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      errors.push(...separate(error));
      if (errors.length >= MOST_ERRORS) break;
    }
  }
  throwErrors(errors);
  return results;
}

/** Where the shown part of a long line begins, so that its `column` is in view. */
function firstShown(text: string, column: number): number {
  return text.length <= WIDTH || column <= WIDTH / 2 ? 0 : column - WIDTH / 2;
}

function oneLine(message: string): string {
  const text = printable(message.replaceAll("\t", " "));
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

/** Control characters would move the cursor of a terminal, so they are shown as a dot; tabs stay. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, "·");
}

/** Blanks up to `column`, with the tabs of `text` so that the carets stand where the reader sees the span. */
function underline(text: string, column: number, length: number): string {
  const shown = Math.min(length, WIDTH - column + 1);
  return (
    text
      .slice(0, column - 1)
      .replace(/[^\t]/g, " ")
      .padEnd(column - 1) + "^".repeat(Math.max(1, shown))
  );
}
