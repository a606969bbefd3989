// Pieces of the JSON that buildx prints about Dockerfiles.
// https://pkg.go.dev/github.com/moby/buildkit/solver/pb#Location

import type { SourceFile, Span } from "../../index.js";

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function location(span: Span): object {
  return { ranges: [range(span)] };
}

/** Characters count from 0, lines from 1; the end is after the last character. */
export function range({ line, column, length }: Span): object {
  return { start: { line, character: column - 1 }, end: { line, character: column - 1 + length } };
}

/** Bytes are base64, as Go encodes them. */
export function sourceInfo(file: SourceFile): object {
  return { filename: file.path, data: sourceData(file), language: "Dockerfile" };
}

export function sourceData({ lines }: SourceFile): string {
  return Buffer.from(lines.map((line) => `${line}\n`).join("")).toString("base64");
}
