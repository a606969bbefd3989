import { expect, test } from "vitest";
import { Screen } from "../../../cli/progress/screen.js";

/** A terminal that knows just the sequences that Screen writes. */
class FakeTerminal {
  columns = 20;
  rows = 10;
  written = "";
  cursorShown = true;
  readonly lines: string[] = [""];
  #row = 0;

  write(text: string): void {
    this.written += text;
    // oxlint-disable-next-line no-control-regex
    for (const [, sequence, plain] of text.matchAll(/(\x1b\[[?\d]*[A-Za-z]|[\r\n])|([^\x1b\r\n]+)/g)) {
      if (plain !== undefined) this.lines[this.#row] = plain;
      else this.#control(sequence!);
    }
  }

  #control(sequence: string): void {
    if (sequence === "\n") this.lines[++this.#row] ??= "";
    else if (sequence.endsWith("A")) this.#row -= Number(sequence.slice(2, -1));
    else if (sequence === "\x1b[J") this.lines.length = this.#row + 1;
    else if (sequence === "\x1b[?25l") this.cursorShown = false;
    else if (sequence === "\x1b[?25h") this.cursorShown = true;
    if (sequence === "\x1b[J") this.lines[this.#row] = "";
  }
}

test("Screen draws, redraws what changed, and shrinks", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal);
  screen.draw(["one", "two", "three"]);
  expect(terminal.lines).toEqual(["one", "two", "three", ""]);
  terminal.written = "";
  screen.draw(["one", "TWO", "three"]);
  expect(terminal.lines).toEqual(["one", "TWO", "three", ""]);
  expect(terminal.written).not.toContain("one");
  screen.draw(["one"]);
  expect(terminal.lines).toEqual(["one", ""]);
});

test("Screen hides the cursor while it draws, and gives it back once", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal);
  screen.close();
  expect(terminal.written).toBe("");
  screen.draw(["a"]);
  expect(terminal.cursorShown).toBe(false);
  screen.close();
  screen.close();
  expect(terminal.cursorShown).toBe(true);
  expect(terminal.written.split("\x1b[?25h")).toHaveLength(2);
});

test("Screen clears what a narrower terminal has wrapped", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal);
  screen.draw(["x".repeat(19), "y"]);
  terminal.columns = 10;
  terminal.written = "";
  screen.draw(["x", "y"]);
  expect(terminal.written).toContain("\x1b[3A\x1b[J");
});
