// Text of an instruction that knows where each of its characters stands in the file.

import type { Word } from "./ast.js";
import { lastNonSpace, skipSpace } from "./blank.js";
import type { SourceFile, Span } from "./source.js";

/** A run of joined text that stands on one line of the file without a gap. */
export interface Piece {
  /** Where the run begins in the joined text. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Immutable. Slices share the map of the text that they are cut from. */
export class Text {
  readonly value: string;
  readonly #file: SourceFile;
  readonly #pieces: readonly Piece[];
  /** Where `value` begins in the text that the pieces describe. */
  readonly #start: number;

  /** @param pieces in order of `offset`; the first begins at 0 */
  constructor(value: string, file: SourceFile, pieces: readonly Piece[], start = 0) {
    this.value = value;
    this.#file = file;
    this.#pieces = pieces;
    this.#start = start;
  }

  /** The texts one after the other, without a character between them. */
  static concat(texts: readonly [Text, ...Text[]]): Text {
    if (texts.length === 1) return texts[0];
    const pieces: Piece[] = [];
    let offset = 0;
    for (const text of texts) {
      for (const piece of text.#moved(offset)) pieces.push(piece);
      offset += text.value.length;
    }
    return new Text(texts.map(({ value }) => value).join(""), texts[0].#file, pieces);
  }

  get length(): number {
    return this.value.length;
  }

  slice(start: number, end = this.value.length): Text {
    return new Text(this.value.slice(start, end), this.#file, this.#pieces, this.#start + start);
  }

  /** Without white space at both ends. */
  trim(): Text {
    const end = lastNonSpace(this.value);
    return this.slice(Math.min(skipSpace(this.value), end), end);
  }

  /** The place of the text, or of its first line when it is continued on others. */
  span(): Span {
    const index = this.#pieceAt(this.#start);
    const { offset, line, column } = this.#pieces[index]!;
    const end = Math.min(this.#start + this.value.length, this.#pieces[index + 1]?.offset ?? Infinity);
    return { file: this.#file, line, column: column + this.#start - offset, length: end - this.#start };
  }

  word(): Word {
    return { text: this.value, span: this.span() };
  }

  /** The index of the last piece that begins at `position` or before it. */
  #pieceAt(position: number): number {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#pieces[middle]!.offset <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The pieces of this text, as they are when the text begins at `offset` of another. */
  #moved(offset: number): Piece[] {
    const first = this.#pieceAt(this.#start);
    const end = this.#start + this.value.length;
    const moved: Piece[] = [];
    for (
      let index = first;
      index < this.#pieces.length && (index === first || this.#pieces[index]!.offset < end);
      index++
    ) {
      const piece = this.#pieces[index]!;
      const from = Math.max(piece.offset, this.#start);
      moved.push({ offset: offset + from - this.#start, line: piece.line, column: piece.column + from - piece.offset });
    }
    return moved;
  }
}
