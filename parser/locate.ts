// Where a character of a word stands in the file, for words that are continued on further lines.

import type { Word } from "./ast.js";
import type { Span } from "./source.js";

/**
 * The place of `length` characters at `offset` of the word's text. A part of a word whose text is not as written (a flag's value
 * without its quotes, a JSON string with escapes) has no place of its own: then it is the place of the word.
 */
export function locate(word: Word, offset: number, length: number): Span {
  const { text, span } = word;
  let { line, column } = span;
  for (let start = 0; start <= offset; column = indent(word, line, start)) {
    const written = (span.file.lines[line - 1] ?? "").slice(column - 1);
    const same = commonLength(text, start, written);
    if (offset < start + same || start + same === text.length) {
      return {
        file: span.file,
        line,
        column: column + offset - start,
        length: Math.min(length, Math.max(1, start + same - offset)),
      };
    }
    start += same;
    if (text[start] === "\n" && same === written.length) start++;
    else if (!/^[\\`][ \t]*$/.test(written.slice(same))) return span;
    line = nextLine(word, line);
  }
  return span;
}

/** The next line that is part of the word: comments and blank lines in a continuation are not, in a heredoc they are. */
function nextLine({ text, span: { file } }: Word, line: number): number {
  let next = line + 1;
  while (!text.includes("\n") && next <= file.lines.length && /^\s*(?:#|$)/.test(file.lines[next - 1]!)) next++;
  return next;
}

/** The column where the word goes on: after the tabs that `<<-` removed. */
function indent({ text, span: { file } }: Word, line: number, start: number): number {
  const removed = tabs(file.lines[line - 1] ?? "", 0) - tabs(text, start);
  return text.includes("\n") ? 1 + Math.max(0, removed) : 1;
}

function tabs(text: string, start: number): number {
  let end = start;
  while (text[end] === "\t") end++;
  return end - start;
}

/** How many characters of `text` from `start` on are those that `written` begins with. */
function commonLength(text: string, start: number, written: string): number {
  const most = Math.min(text.length - start, written.length);
  let same = 0;
  while (same < most && text.charCodeAt(start + same) === written.charCodeAt(same)) same++;
  return same;
}
