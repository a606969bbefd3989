// Where a body ends: after the bytes that its head announces, or after the last of the chunks that it comes in.
// https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length

import type { ResponseHead } from "./response-head.js";

export interface Framing {
  /** Bytes of the body that are to come, where that is known. */
  readonly left: number | undefined;
  readonly isOver: boolean;
  /** Whether something came behind the end of the body. */
  readonly hasSurplus: boolean;
  /**
   * Takes what was read into `bytes` between `from` and `to`, and moves what is of the body together, to `from`.
   * @returns bytes of the body
   * @throws an Error with a code when these are no chunks
   */
  take(bytes: Buffer, from: number, to: number): number;
}

/** Undefined when only the end of the connection ends the body, or the head says it in a way that is not plain. */
export function framingOf({
  status,
  headersDistinct,
}: Pick<ResponseHead, "status" | "headersDistinct">): Framing | undefined {
  if (status === 204 || status === 304) return new Counted(0);
  const [length = "", another] = headersDistinct["content-length"] ?? [];
  const coding = headersDistinct["transfer-encoding"]?.join(", ");
  if (coding !== undefined) return coding.toLowerCase() === "chunked" && length === "" ? new Chunked() : undefined;
  return another === undefined && /^\d{1,15}$/.test(length) ? new Counted(Number(length)) : undefined;
}

class Counted implements Framing {
  left: number;
  hasSurplus = false;

  constructor(length: number) {
    this.left = length;
  }

  get isOver(): boolean {
    return this.left === 0;
  }

  take(_bytes: Buffer, from: number, to: number): number {
    const own = Math.min(to - from, this.left);
    this.left -= own;
    this.hasSurplus ||= own < to - from;
    return own;
  }
}

/** Bytes of a line between chunks, or of all trailers. */
const LONGEST = 64 << 10;
const SIZE = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i;

/** https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding */
class Chunked implements Framing {
  readonly left = undefined;
  isOver = false;
  hasSurplus = false;
  /** Bytes of the chunk that are to come. */
  #chunk = 0;
  #next: "size" | "end of chunk" | "trailer" = "size";
  /** What came of a line. */
  #line = "";
  #trailers = 0;

  take(bytes: Buffer, from: number, to: number): number {
    let kept = from;
    let at = from;
    while (at < to && !this.isOver) {
      if (this.#chunk === 0) {
        at = this.#readLine(bytes, at, to);
        continue;
      }
      const end = Math.min(to, at + this.#chunk);
      bytes.copyWithin(kept, at, end);
      kept += end - at;
      this.#chunk -= end - at;
      at = end;
    }
    this.hasSurplus ||= at < to;
    return kept - from;
  }

  /** @returns where the line ends, or what was read does */
  #readLine(bytes: Buffer, at: number, to: number): number {
    const feed = bytes.subarray(at, to).indexOf("\n");
    const end = feed < 0 ? to : at + feed + 1;
    this.#line += bytes.toString("latin1", at, end);
    if (this.#line.length > LONGEST) throw notChunked("a line without an end");
    if (feed < 0) return end;
    if (!this.#line.endsWith("\r\n")) throw notChunked("a line feed alone");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    this.#obey(line);
    return end;
  }

  #obey(line: string): void {
    if (this.#next === "size") this.#begin(line);
    else if (this.#next === "trailer") this.#pass(line);
    else if (line === "") this.#next = "size";
    else throw notChunked("a chunk that is longer than it said");
  }

  #begin(line: string): void {
    const size = SIZE.exec(line)?.[1];
    if (size === undefined) throw notChunked("no size of a chunk");
    this.#chunk = Number.parseInt(size, 16);
    this.#next = this.#chunk === 0 ? "trailer" : "end of chunk";
  }

  #pass(trailer: string): void {
    this.isOver = trailer === "";
    this.#trailers += trailer.length;
    if (this.#trailers > LONGEST) throw notChunked("trailers without an end");
  }
}

function notChunked(found: string): Error {
  return Object.assign(new Error(`expected a body in chunks, found ${found}`), { code: "HPE_INVALID_CHUNK_SIZE" });
}
