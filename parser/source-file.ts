// The bytes of a Dockerfile as lines.

import { isUtf8 } from "node:buffer";
import { DockerfileError } from "./error.js";
import type { SourceFile } from "./source.js";

export interface RawSource {
  readonly file: SourceFile;
  /** The lines of the file with any carriage return at their end. */
  readonly raw: readonly string[];
  /** True when the bytes are not UTF-8: U+FFFD then stands where they are not. */
  readonly damaged: boolean;
}

/** Decodes `source`, drops a byte order mark (S-001) and cuts it at line feeds (S-010). */
export function readSource(source: string | Uint8Array, path: string): RawSource {
  const text = (typeof source === "string" ? source : decode(source)).replace(/^\ufeff/, "");
  const raw = text.split("\n");
  if (raw.at(-1) === "") raw.pop();
  const lines = text.includes("\r") ? raw.map(withoutReturns) : raw;
  return { file: { path, lines }, raw, damaged: typeof source !== "string" && !isUtf8(source) };
}

/** The place of the first character in lines `first` to `last` that was not UTF-8, as an error. */
export function damageIn(file: SourceFile, first: number, last: number): DockerfileError | undefined {
  for (let line = first; line <= last; line++) {
    const column = (file.lines[line - 1] ?? "").indexOf("\ufffd") + 1;
    if (column === 0) continue;
    const hint = "Save the file as UTF-8.";
    return new DockerfileError(
      "syntax",
      "expected UTF-8 text, found other bytes",
      { file, line, column, length: 1 },
      { hint },
    );
  }
  return undefined;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end--;
  return line.slice(0, end);
}
