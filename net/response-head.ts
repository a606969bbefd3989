// The head of an HTTP/1.1 answer: status and headers as they stand before the body.
// https://www.rfc-editor.org/rfc/rfc9112#name-message-format

import type { IncomingHttpHeaders } from "node:http";

export interface ResponseHead {
  readonly status: number;
  /** By names in lower case; of those that come twice, all, with a comma between them. */
  readonly headers: IncomingHttpHeaders;
  readonly headersDistinct: NodeJS.Dict<string[]>;
  /** Bytes of the head, with the empty line that ends it. */
  readonly length: number;
  /** Whether the connection stays open after the body. */
  readonly isKept: boolean;
}

const END = "\r\n\r\n";
const LONGEST = 64 << 10;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** @returns undefined while more bytes have to come @throws an Error with a code when this is no head */
export function parseResponseHead(bytes: Buffer): ResponseHead | undefined {
  const end = bytes.subarray(0, LONGEST).indexOf(END, 0, "latin1");
  if (end < 0 && bytes.length < LONGEST) return undefined;
  const [first = "", ...lines] = end < 0 ? [] : bytes.toString("latin1", 0, end).split("\r\n");
  const [, minor, status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) throw notHttp("no status line");
  const headersDistinct = parseFields(lines);
  const headers = Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values?.join(", ")]),
  );
  const isKept = minor === "1" && !/\bclose\b/i.test(headers.connection ?? "");
  return { status: Number(status), headers, headersDistinct, length: end + END.length, isKept };
}

function parseFields(lines: readonly string[]): NodeJS.Dict<string[]> {
  const fields: NodeJS.Dict<string[]> = Object.create(null) as NodeJS.Dict<string[]>;
  for (const line of lines) {
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === undefined) throw notHttp("a header without a name");
    (fields[name.toLowerCase()] ??= []).push(value);
  }
  return fields;
}

const BAD_HEAD = "HPE_INVALID_HEADER";

/** Whether what came was no head. */
export function isBadHead(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === BAD_HEAD;
}

function notHttp(found: string): Error {
  return Object.assign(new Error(`expected an answer in HTTP/1.1, found ${found}`), { code: BAD_HEAD });
}
