// Physical lines joined to logical ones: continuation, comments and the bodies of heredocs (S-004 to S-010, S-029 to S-031).
// https://docs.docker.com/reference/dockerfile/#format

import { skipSpace, trimSpace } from "./blank.js";
import type { SourceFile, Span } from "./source.js";
import { Text, type Piece } from "./text.js";

/** The character that continues a line and escapes in words. */
export type Escape = "\\" | "`";

export interface LogicalLine {
  /** Without leading white space. Blanks at the end are kept. */
  readonly text: Text;
  /** The comment lines directly above, without `#` and white space around them. */
  readonly comments: readonly string[];
  /** The blank lines that the continuation runs over. */
  readonly emptyLines: readonly Span[];
  readonly startLine: number;
  readonly endLine: number;
}

export interface HeredocBody {
  /** Every line as it is in the file, with its line end. */
  readonly content: string;
  /** The place of the terminator. */
  readonly span: Span;
}

/** Reads a file from `line` on, once and forwards. */
export class LineReader {
  readonly file: SourceFile;
  /** The lines with the carriage returns that `file.lines` lacks: bodies of heredocs keep them. */
  readonly #raw: readonly string[];
  /** How many lines have been read. */
  #read: number;

  constructor(file: SourceFile, raw: readonly string[], read = 0) {
    this.file = file;
    this.#raw = raw;
    this.#read = read;
  }

  get linesRead(): number {
    return this.#read;
  }

  /** The next logical line that is not empty, or undefined at the end of the file. */
  next(escape: Escape): LogicalLine | undefined {
    let comments: string[] = [];
    while (this.#read < this.file.lines.length) {
      const line = this.file.lines[this.#read]!;
      const start = skipSpace(line);
      if (start < line.length && line[start] !== "#") {
        const logical = this.#join(escape, start, comments);
        if (skipSpace(logical.text.value) < logical.text.length) return logical;
        comments = [];
      } else {
        comments = start === line.length ? [] : withComment(comments, line.slice(start + 1));
        this.#read++;
      }
    }
    return undefined;
  }

  /**
   * The lines up to the one that is `terminator`, or undefined when the file ends before it; then nothing is left to read.
   *
   * @param chomp leading tabs of the terminator's line do not count
   */
  heredoc(terminator: string, chomp: boolean): HeredocBody | undefined {
    const first = this.#read;
    while (this.#read < this.file.lines.length) {
      const line = this.file.lines[this.#read++]!;
      const column = chomp ? tabs(line) : 0;
      if (line.length - column !== terminator.length || !line.endsWith(terminator)) continue;
      const body = this.#raw.slice(first, this.#read - 1);
      const span = { file: this.file, line: this.#read, column: column + 1, length: terminator.length };
      return { content: body.length === 0 ? "" : `${body.join("\n")}\n`, span };
    }
    return undefined;
  }

  /** The lines read since `read` lines had been read, as they are in the file. */
  since(read: number): readonly string[] {
    return this.#raw.slice(read, this.#read);
  }

  /** One instruction that begins in the next line at index `start`. */
  #join(escape: Escape, start: number, comments: readonly string[]): LogicalLine {
    const startLine = this.#read + 1;
    const parts: string[] = [];
    const pieces: Piece[] = [];
    const emptyLines: Span[] = [];
    let offset = 0;
    let column = start;
    for (let continued = true; continued && this.#read < this.file.lines.length; column = 0) {
      const line = this.file.lines[this.#read++]!;
      const content = parts.length > 0 ? skipSpace(line) : 0;
      if (parts.length > 0 && line[content] === "#") continue;
      if (parts.length > 0 && content === line.length) {
        emptyLines.push({ file: this.file, line: this.#read, column: 1, length: line.length });
        continue;
      }
      const end = continuation(line, column, escape);
      continued = end !== undefined;
      const part = line.slice(column, end);
      pieces.push({ offset, line: this.#read, column: column + 1 });
      parts.push(part);
      offset += part.length;
    }
    const text = new Text(parts.join(""), this.file, pieces);
    return { text, comments, emptyLines, startLine, endLine: this.#read };
  }
}

/** Where the escape character stands that continues the line, or undefined: two of them do not (S-004). */
export function continuation(line: string, start: number, escape: Escape): number | undefined {
  let end = line.length;
  while (end > start && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
  if (end <= start || line[end - 1] !== escape) return undefined;
  return end - 1 > start && line[end - 2] === escape ? undefined : end - 1;
}

/** `comments` with one more line. A comment without text ends the group that describes an instruction. */
function withComment(comments: string[], line: string): string[] {
  const text = trimSpace(line);
  if (text === "") return [];
  comments.push(text);
  return comments;
}

/** How many tabs the line begins with. */
function tabs(line: string): number {
  let count = 0;
  while (line[count] === "\t") count++;
  return count;
}
