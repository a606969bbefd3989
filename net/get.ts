// GETs whose bodies are read straight from the socket, in blocks of up to 1 MiB: node:http hands out 64 KiB at a time through
// several streams, for twice the work with a large body, and for a small one too.
// https://www.rfc-editor.org/rfc/rfc9112

import { type IncomingHttpHeaders, validateHeaderValue } from "node:http";
import { addAbortSignal, Readable } from "node:stream";
import { giveBlock, takeBlock } from "../oci/index.js";
import { type Framing, framingOf } from "./body-framing.js";
import type { Connections } from "./connections.js";
import type { KeptConnection, Receiver } from "./kept-connection.js";
import { parseResponseHead, type ResponseHead } from "./response-head.js";
import { isHeldBack, SilenceError, type SilenceOptions, SilenceWatch } from "./silence.js";

export interface GetRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** How long it is waited for what. */
  readonly silence: Pick<SilenceOptions, "host" | "patience" | "onWait">;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that wait for whoever reads. */
const WAITING = 1 << 20;
/** Milliseconds that bytes wait for a block to become full. */
const PATIENCE = 100;
/** Whose bodies matter to nobody. */
const REDIRECT = /^30[12378]$/;

/**
 * Sends a GET. A connection that was kept may have been closed at the same instant: then another one is opened.
 * @returns its answer, once the head of it is there
 */
export async function get(request: GetRequest, connections: Connections): Promise<GetResponse> {
  const kept = connections.kept(request.url);
  if (kept === undefined) return getOn(connections.open(request.url), request);
  try {
    return await getOn(kept, request);
  } catch (error) {
    if (kept.hasAnswered || error instanceof SilenceError || request.signal?.aborted) throw error;
    return getOn(connections.open(request.url), request);
  }
}

function getOn(connection: KeptConnection, request: GetRequest): Promise<GetResponse> {
  return new Promise((resolve, reject) => {
    const head = requestHead(request);
    const response: GetResponse = new GetResponse(connection, request.silence, (error) =>
      error ? reject(error) : resolve(response),
    );
    response.on("error", () => {}); // reaches whoever reads
    if (request.signal) addAbortSignal(request.signal, response);
    connection.ask(head, response);
  });
}

/** An answer. Chunks are of up to 1 MiB; what is not longer comes in one. */
export class GetResponse extends Readable implements Receiver {
  statusCode = 0;
  headers: IncomingHttpHeaders = {};
  headersDistinct: NodeJS.Dict<string[]> = {};
  /** Whether the body comes. False where only the connection's end would end it: whoever wants it asks in another way. */
  hasBody = false;
  readonly #connection: KeptConnection;
  readonly #watch: SilenceWatch;
  readonly #announce: (error: Error | null) => void;
  #block: Buffer = takeBlock();
  /** Bytes in the block. */
  #filled = 0;
  /** When the first of them came. */
  #since = 0;
  /** Undefined before the body. */
  #framing: Framing | undefined;
  #isKept = false;
  #failure: Error | undefined;
  #isHeld = false;

  /** @param announce told when the head is there, or does not come */
  constructor(connection: KeptConnection, silence: GetRequest["silence"], announce: (error: Error | null) => void) {
    super({ highWaterMark: WAITING });
    this.#connection = connection;
    this.#announce = announce;
    this.#watch = new SilenceWatch({
      ...silence,
      fail: (error) => this.fail(error),
      isHeld: () => this.#isHeld || isHeldBack(this),
    });
    this.#watch.watch(connection.socket);
  }

  buffer(): Uint8Array {
    return this.#block.subarray(this.#filled);
  }

  connected(): void {
    this.#watch.enter("answer");
  }

  receive(count: number): boolean {
    if (this.#failure) return false;
    if (this.#filled === 0) this.#since = performance.now();
    return this.#framing ? this.#readBody(this.#framing, count) : this.#readHead(count);
  }

  /** What came before the failure is passed on first: a download goes on behind it. */
  fail(error: Error): void {
    if (this.destroyed || this.#failure || this.#framing?.isOver) return;
    if (this.#framing && this.#filled > 0) this.push(this.#block.subarray(0, this.#filled));
    this.#failure = error;
    this.#giveUp(error);
  }

  override _read(): void {
    if (!this.#isHeld || this.#failure) return;
    this.#isHeld = false;
    this.#connection.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.#framing?.isOver) this.#connection.destroy(); // else another exchange may use it
    this.#watch.end();
    this.#announce(error);
    callback(error);
  }

  #readHead(count: number): boolean {
    this.#filled += count;
    try {
      const head = parseResponseHead(this.#block.subarray(0, this.#filled));
      if (head === undefined) return true;
      this.#block.copyWithin(0, head.length, this.#filled);
      this.#filled -= head.length;
      if (head.status >= 200) return this.#begin(head);
      this.#watch.enter("answer");
      return this.#readHead(0);
    } catch (error) {
      this.fail(error as Error);
      return false;
    }
  }

  #begin(head: ResponseHead): boolean {
    this.statusCode = head.status;
    this.headers = head.headers;
    this.headersDistinct = head.headersDistinct;
    const framing = framingOf(head);
    this.hasBody = framing !== undefined || REDIRECT.test(String(head.status));
    this.#isKept = head.isKept;
    this.#announce(null);
    this.#watch.enter("body");
    if (framing === undefined) return this.#end(false);
    this.#framing = framing;
    if (framing.left !== undefined && framing.left < this.#block.length) this.#fit(framing.left);
    const read = this.#filled;
    this.#filled = 0;
    return this.#readBody(framing, read);
  }

  /** A short body is read into memory of its size. */
  #fit(length: number): void {
    const block = Buffer.allocUnsafeSlow(Math.max(length, this.#filled));
    this.#block.copy(block, 0, 0, this.#filled);
    giveBlock(this.#block);
    this.#block = block;
  }

  /** @param count bytes that were read behind what the block has already */
  #readBody(framing: Framing, count: number): boolean {
    try {
      this.#filled += framing.take(this.#block, this.#filled, this.#filled + count);
    } catch (error) {
      this.fail(error as Error);
      return false;
    }
    const isFull = this.#filled === this.#block.length || performance.now() - this.#since >= PATIENCE;
    return (isFull && this.#filled > 0) || framing.isOver ? this.#pass(framing) : true;
  }

  /** Passes a block on. */
  #pass({ isOver, hasSurplus }: Framing): boolean {
    const block = this.#block.subarray(0, this.#filled);
    if (!isOver) this.#block = takeBlock();
    this.#filled = 0;
    const wantsMore = block.length === 0 || this.push(block);
    if (isOver) return this.#end(this.#isKept && !hasSurplus);
    this.#isHeld = !wantsMore;
    return wantsMore;
  }

  #end(isKept: boolean): boolean {
    this.push(null);
    this.#watch.end();
    if (isKept) this.#connection.release();
    else this.#connection.destroy();
    return isKept;
  }

  /** Destroying the stream would take away what nobody has read yet. */
  #giveUp(error: Error): void {
    if (this.readableLength === 0) this.destroy(error);
    else setTimeout(() => this.#giveUp(error), 5);
  }
}

function requestHead({ url, headers }: GetRequest): string {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => {
    validateHeaderValue(name, value);
    return `${name}: ${value}`;
  });
  return [`GET ${url.pathname}${url.search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}
