// Bytes of a step's output → lines, as a reader of the log sees them.

import { StringDecoder } from "node:string_decoder";

/** A line that never ends is cut into pieces of this many characters, so that memory stays bounded. */
const LONGEST = 1 << 16;

export class LineReader {
  readonly #decoder = new StringDecoder("utf8");
  #partial = "";

  /** The lines that `data` completes. */
  read(data: Uint8Array): string[] {
    const lines = (this.#partial + this.#decoder.write(data)).split("\n");
    this.#partial = lines.pop()!;
    while (this.#partial.length > LONGEST) {
      lines.push(this.#partial.slice(0, LONGEST));
      this.#partial = this.#partial.slice(LONGEST);
    }
    return lines.map(lastWritten);
  }

  /** The line that was left without an end, if any. */
  end(): string[] {
    const rest = this.#partial + this.#decoder.end();
    this.#partial = "";
    return rest === "" ? [] : [lastWritten(rest)];
  }
}

/** What stays to be seen of a line that was written over by carriage returns, as progress bars do. */
function lastWritten(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}
