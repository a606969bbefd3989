// Keeps some lines at the bottom of a terminal up to date, writing only what changed.
// https://en.wikipedia.org/wiki/ANSI_escape_code#CSI_(Control_Sequence_Introducer)_sequences

import { printable, widthOf } from "./width.js";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
/** What is written between these appears at once, on terminals that know them; others ignore them. */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

export interface TerminalOutput {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

export class Screen {
  readonly #output: TerminalOutput;
  #lines: readonly string[] = [];
  #columns = 0;
  #isOpen = false;

  constructor(output: TerminalOutput) {
    this.#output = output;
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  /** Replaces what the last call drew. The cursor is left below it. */
  draw(lines: readonly string[]): void {
    this.#output.write(`${this.#open()}${BEGIN_UPDATE}${this.#update(lines)}${END_UPDATE}`);
    this.#lines = lines;
    this.#columns = this.columns;
  }

  /** Gives the cursor back; what was drawn stays. May be called more than once. */
  close(): void {
    if (this.#isOpen) this.#output.write(SHOW_CURSOR);
    this.#isOpen = false;
  }

  #open(): string {
    if (this.#isOpen) return "";
    this.#isOpen = true;
    return HIDE_CURSOR;
  }

  #update(lines: readonly string[]): string {
    const isResized = this.#columns !== this.columns;
    const up = isResized ? this.#rowsAfterResize() : this.#lines.length;
    const rows = lines.map((line, index) =>
      !isResized && line === this.#lines[index] ? "\n" : `${line}${ERASE_LINE}\n`,
    );
    return `\r${up > 0 ? `\x1b[${up}A` : ""}${isResized ? ERASE_BELOW : ""}${rows.join("")}${ERASE_BELOW}`;
  }

  /** A narrower terminal has wrapped the lines that were drawn for a wider one. */
  #rowsAfterResize(): number {
    const { columns } = this;
    return this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(printable(line)) / columns)), 0);
  }
}
