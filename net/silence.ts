// Watches an exchange for silence: says when somebody waits, and ends it when that was in vain, or next to it.

import type { Socket } from "node:net";
import type { Readable } from "node:stream";

/** Milliseconds of silence after which an exchange fails. */
export interface Patience {
  /** Until there is a connection, with TLS where that belongs to it. Default: 30000. */
  readonly connection: number;
  /** While the request is sent, and while the body of the answer comes. Default: 60000. */
  readonly bytes: number;
  /** From the end of the request to the head of the answer. Default: 60000. */
  readonly answer: number;
  /** The same, where the server works on what it was sent: it stores and hashes. Default: 300000. */
  readonly commit: number;
  /** After which it is told that somebody waits, and as often again. Default: 10000. */
  readonly notice: number;
  /** Bytes per second: a request or a body that moves slower for as long as `bytes` says fails too. Default: 1000. */
  readonly rate: number;
}

/** Told that nothing came from a host for so many seconds; with 0 when it goes on, or is given up. */
export type OnWait = (host: string, seconds: number) => void;

export const PATIENCE: Patience = {
  connection: 30_000,
  bytes: 60_000,
  answer: 60_000,
  commit: 300_000,
  notice: 10_000,
  rate: 1000,
};

/** Nothing came for as long as it is waited, or too little. The message follows "cannot reach HOST: ". */
export class SilenceError extends Error {
  override readonly name = "SilenceError";
  readonly code = "ETIMEDOUT";
  /** Bytes that moved nevertheless. */
  readonly moved: number;

  constructor(message: string, moved = 0) {
    super(message);
    this.moved = moved;
  }
}

/** Whether it is we who let `body` wait. */
export function isHeldBack(body: Readable): boolean {
  const isRead = body.readableFlowing !== false || body.listenerCount("readable") > 0; // as by for await
  return body.readableLength > 0 || !isRead;
}

/** What is waited for. */
type Phase = "connection" | "request" | "answer" | "body";

const WAITED: Readonly<Record<Phase, (seconds: string) => string>> = {
  connection: (seconds) => `no connection within ${seconds}`,
  request: (seconds) => `it took no byte of the request for ${seconds}`,
  answer: (seconds) => `no answer within ${seconds}`,
  body: (seconds) => `no byte of the answer for ${seconds}`,
};

const CREPT: Readonly<Record<"request" | "body", (bytes: number, seconds: string) => string>> = {
  request: (bytes, seconds) => `it took only ${bytes} bytes of the request in ${seconds}`,
  body: (bytes, seconds) => `only ${bytes} bytes of the answer came in ${seconds}`,
};

export interface SilenceOptions {
  readonly host: string;
  readonly patience: Patience;
  readonly onWait?: OnWait | undefined;
  /** Ends the exchange. */
  readonly fail: (error: SilenceError) => void;
  /** Whether it is we who wait, with sending or with reading. */
  readonly isHeld?: () => boolean;
}

/** Of one exchange, from the first step to a connection on. */
export class SilenceWatch {
  readonly #options: SilenceOptions;
  readonly #timer: NodeJS.Timeout;
  /** Milliseconds between looks. */
  readonly #interval: number;
  #looked = performance.now();
  #phase: Phase = "connection";
  #socket: Pick<Socket, "bytesRead" | "bytesWritten"> | undefined;
  /** Bytes that were moved when it was looked last. */
  #moved = 0;
  #since = performance.now();
  /** Where the time began that the rate is measured over. */
  #measured = { moved: 0, since: performance.now() };
  /** Notices that were given of this silence. */
  #notices = 0;

  constructor(options: SilenceOptions) {
    this.#options = options;
    const { connection, bytes, answer, notice } = options.patience;
    this.#interval = Math.min(1000, Math.min(connection, bytes, answer, notice) / 4);
    this.#timer = setInterval(() => this.#look(), this.#interval).unref();
  }

  /** What is waited for from now on. */
  enter(phase: Phase): void {
    this.#phase = phase;
    this.#measure();
    this.#broken();
  }

  /** Bytes on `socket` break the silence. */
  watch(socket: Pick<Socket, "bytesRead" | "bytesWritten">): void {
    this.#socket = socket;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#broken();
  }

  /** Time in which this process was busy or asleep was no silence of the other side. */
  #discountLateness(): void {
    const now = performance.now();
    const late = now - this.#looked - this.#interval;
    this.#looked = now;
    if (late <= this.#interval) return;
    this.#since += late;
    this.#measured.since += late;
  }

  #look(): void {
    this.#discountLateness();
    const { host, patience, onWait, fail, isHeld } = this.#options;
    const moved = this.#bytes();
    if (this.#phase === "request" || this.#phase === "body") {
      const held = isHeld?.() === true;
      if (moved !== this.#moved || held) this.#broken();
      if (held) this.#measure();
      else if (this.#creeps(this.#phase)) return;
    }
    this.#moved = moved;
    const silent = performance.now() - this.#since;
    if (silent >= this.#limit()) return fail(new SilenceError(WAITED[this.#phase](inSeconds(this.#limit()))));
    if (silent < patience.notice * (this.#notices + 1)) return;
    this.#notices += 1;
    onWait?.(host, Math.round(silent / 1000));
  }

  /** Ends what moves, and too slowly. */
  #creeps(phase: "request" | "body"): boolean {
    const { bytes, rate } = this.#options.patience;
    const took = performance.now() - this.#measured.since;
    if (took < bytes) return false;
    const moved = this.#bytes() - this.#measured.moved;
    this.#measure();
    if (moved === 0 || moved >= (rate * took) / 1000) return false;
    this.#options.fail(new SilenceError(CREPT[phase](moved, inSeconds(bytes)), moved));
    return true;
  }

  #measure(): void {
    this.#measured = { moved: this.#bytes(), since: performance.now() };
  }

  #bytes(): number {
    return (this.#socket?.bytesRead ?? 0) + (this.#socket?.bytesWritten ?? 0);
  }

  #limit(): number {
    const { connection, bytes, answer } = this.#options.patience;
    return { connection, request: bytes, answer, body: bytes }[this.#phase];
  }

  #broken(): void {
    this.#since = performance.now();
    if (this.#notices > 0) this.#options.onWait?.(this.#options.host, 0);
    this.#notices = 0;
  }
}

function inSeconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
