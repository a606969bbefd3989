// Large bodies: read from the socket in blocks of 1 MiB, where node:http would hand out 64 KiB at a time for twice the work.
// https://www.rfc-editor.org/rfc/rfc9112

import { type IncomingHttpHeaders, validateHeaderValue } from "node:http";
import type { OnReadOpts, Socket } from "node:net";
import { addAbortSignal, Readable } from "node:stream";
import { takeBlock } from "../oci/index.js";
import { bodyLength, parseResponseHead, type ResponseHead } from "./response-head.js";
import { type SilenceOptions, SilenceWatch } from "./silence.js";

export interface BulkRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Opens a connection that reads as it is told. */
  readonly connect: (onread: OnReadOpts) => Socket;
  /** How long it is waited for what. */
  readonly silence: Pick<SilenceOptions, "host" | "patience" | "onWait">;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that wait for whoever reads. */
const WAITING = 1 << 20;
/** Milliseconds that bytes wait for a block to become full. */
const PATIENCE = 100;

/** Sends a GET. @returns its answer, once the head of it is there */
export function getBulk(request: BulkRequest): Promise<BulkResponse> {
  return new Promise((resolve, reject) => {
    const response: BulkResponse = new BulkResponse(request, (error) => (error ? reject(error) : resolve(response)));
    response.on("error", () => {}); // reaches whoever reads
    if (request.signal) addAbortSignal(request.signal, response);
  });
}

/** An answer on a connection of its own, which ends with it. Chunks are of up to 1 MiB. */
export class BulkResponse extends Readable {
  statusCode = 0;
  headers: IncomingHttpHeaders = {};
  headersDistinct: NodeJS.Dict<string[]> = {};
  /** Whether the body comes. False where its length is not known: whoever wants it asks in another way. */
  hasBody = false;
  readonly #socket: Socket;
  readonly #watch: SilenceWatch;
  readonly #announce: (error: Error | null) => void;
  #block = takeBlock();
  /** Bytes in the block. */
  #filled = 0;
  /** When the first of them came. */
  #since = 0;
  /** Bytes of the body that are to come; undefined before its beginning. */
  #left: number | undefined;
  #failure: Error | undefined;
  #isHeld = false;

  constructor({ url, headers, connect, silence }: BulkRequest, announce: (error: Error | null) => void) {
    super({ highWaterMark: WAITING });
    this.#announce = announce;
    const head = requestHead(url, headers);
    const buffer = () => this.#block.subarray(this.#filled);
    this.#socket = connect({ buffer, callback: (count) => this.#receive(count) });
    this.#watch = new SilenceWatch({
      ...silence,
      fail: (error) => this.#fail(error),
      isHeld: () => this.#isHeld || this.isPaused() || this.readableLength > 0,
    });
    this.#watch.watch(this.#socket);
    this.#socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => this.#watch.enter("answer"));
    this.#socket.once("error", (error) => this.#fail(error));
    this.#socket.once("close", () => this.#fail(failure("the connection was closed", "ECONNRESET")));
    this.#socket.write(head);
  }

  override _read(): void {
    if (!this.#isHeld || this.#failure) return;
    this.#isHeld = false;
    this.#socket.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#socket.destroy();
    this.#watch.end();
    this.#announce(error);
    callback(error);
  }

  /** @returns whether more may be read */
  #receive(count: number): boolean {
    if (this.#failure) return false;
    if (this.#filled === 0) this.#since = performance.now();
    this.#filled += count;
    if (this.#left === undefined) return this.#readHead();
    this.#left -= count;
    return this.#pass();
  }

  #readHead(): boolean {
    try {
      const head = parseResponseHead(this.#block.subarray(0, this.#filled));
      if (head === undefined) return true;
      this.#block.copyWithin(0, head.length, this.#filled);
      this.#filled -= head.length;
      return head.status < 200 ? this.#readHead() : this.#begin(head);
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
  }

  #begin(head: ResponseHead): boolean {
    this.statusCode = head.status;
    this.headers = head.headers;
    this.headersDistinct = head.headersDistinct;
    const length = bodyLength(head);
    this.hasBody = (head.status === 200 || head.status === 206) && length !== undefined;
    this.#announce(null);
    this.#watch.enter("body");
    this.#left = this.hasBody ? length! - this.#filled : 0;
    if (!this.hasBody) this.#filled = 0;
    return this.#pass();
  }

  /** Passes a block on when it is full, has waited long enough or is the last. */
  #pass(): boolean {
    const left = this.#left ?? 0;
    if (left > 0 && this.#filled < this.#block.length && performance.now() - this.#since < PATIENCE) return true;
    const block = this.#block.subarray(0, this.#filled + Math.min(0, left)); // what is beyond the length is not the body
    this.#block = left > 0 ? takeBlock() : this.#block;
    this.#filled = 0;
    const wantsMore = block.length === 0 || this.push(block);
    if (left <= 0) this.#end();
    this.#isHeld = left > 0 && !wantsMore;
    return left > 0 && wantsMore;
  }

  #end(): void {
    this.push(null);
    this.#socket.destroy();
  }

  /** What came before the failure is passed on first: a download goes on behind it. */
  #fail(error: Error): void {
    if (this.destroyed || this.#failure || (this.#left ?? 1) <= 0) return;
    if (this.#left !== undefined && this.#filled > 0) this.push(this.#block.subarray(0, this.#filled));
    this.#failure = error;
    this.#giveUp(error);
  }

  /** Destroying the stream would take away what nobody has read yet. */
  #giveUp(error: Error): void {
    if (this.readableLength === 0) this.destroy(error);
    else setTimeout(() => this.#giveUp(error), 5);
  }
}

function requestHead(url: URL, headers: Readonly<Record<string, string>>): string {
  const all = { host: url.host, ...headers, connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => {
    validateHeaderValue(name, value);
    return `${name}: ${value}`;
  });
  return [`GET ${url.pathname}${url.search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

function failure(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
