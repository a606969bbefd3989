// A blob as a stream that goes on where a broken connection left it.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
// https://www.rfc-editor.org/rfc/rfc9110#name-range-requests

import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Descriptor, type Savable, throwIfInterrupted, openVerifiedFile, Verifier } from "../oci/index.js";
import { creptBytes, isTransient, mayTryAgain, pause, type RateLimit, type RetryOptions } from "../net/index.js";
import type { RegistryResponse } from "./connection.js";
import { offsetOf } from "./content-range.js";
import { unreachable } from "./unreachable.js";

/** Asks for a blob's bytes from `offset` on. The answer may begin before it. */
export type Fetch = (offset: number) => Promise<RegistryResponse>;

export interface DownloadOptions extends RetryOptions {
  /** Whether it is worth threads of its own. @default false */
  readonly isLarge?: boolean;
  readonly limit?: RateLimit | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The bytes of `blob`, verified. `first` is the answer for offset 0. Nothing of it is read before somebody reads or saves. */
export function download(blob: Descriptor, first: RegistryResponse, fetch: Fetch, options: DownloadOptions): Readable {
  return new Download(blob, first, (sink) => fill(sink, first, fetch, options), options.isLarge);
}

class Download extends Verifier implements Savable {
  readonly #fill: (sink: Writable) => Promise<void>;
  readonly #isLarge: boolean;
  #isStarted = false;

  constructor(blob: Descriptor, first: RegistryResponse, fill: (sink: Writable) => Promise<void>, isLarge = false) {
    super(blob);
    this.#fill = fill;
    this.#isLarge = isLarge;
    this.once("close", () => first.body.destroy());
  }

  override _read(size: number): void {
    if (!this.#isStarted) void this.#fillTo(this);
    this.#isStarted = true;
    super._read(size);
  }

  async saveTo(fd: number): Promise<void> {
    this.#isStarted = true;
    const file = openVerifiedFile(this.blob, { fd, onSize: this.sizeListener, inThread: this.#isLarge });
    this.once("close", () => file.destroy());
    try {
      await Promise.all([finished(file), this.#fillTo(file)]);
      this.destroy();
    } catch (error) {
      this.destroy();
      throw this.errored ?? error;
    } finally {
      if (!file.closed) await once(file, "close");
    }
  }

  /** What fails reaches whoever reads, or writes the file. */
  async #fillTo(sink: Writable): Promise<void> {
    try {
      await this.#fill(sink);
      sink.end();
    } catch (error) {
      sink.destroy(error as Error);
    }
  }
}

/** A try that brings bytes makes up for those before it, unless it only crept. */
async function fill(sink: Writable, first: RegistryResponse, fetch: Fetch, options: DownloadOptions): Promise<void> {
  const progress = { received: 0 };
  let response = first;
  let since = performance.now();
  for (let tried = 1; ; tried++) {
    const before = progress.received;
    if (sink.destroyed) return void response.body.destroy();
    try {
      return await pour(response, sink, progress, options.limit);
    } catch (error) {
      throwIfInterrupted(options.signal);
      if (progress.received - before > 2 * creptBytes(error)) [tried, since] = [1, performance.now()];
      const goesOn = !sink.destroyed && isTransient(error) && mayTryAgain(error, { tried, since }, options);
      if (!goesOn) throw error;
      await pause(tried, error, options);
    }
    response = await fetch(progress.received);
  }
}

/** Writes the body of an answer to `sink`, without what was received before. */
function pour(
  response: RegistryResponse,
  sink: Writable,
  progress: { received: number },
  limit: RateLimit | undefined,
): Promise<void> {
  const { body, url } = response;
  if (body.destroyed) return Promise.reject(unreachable({ method: "GET", url }, body.errored ?? brokenBefore()));
  let surplus = Math.max(0, progress.received - (offsetOf(response) ?? 0));
  return new Promise((resolve, reject) => {
    const stop = () => void body.destroy();
    sink.once("close", stop);
    body.on("data", (chunk: Buffer) => {
      const piece = chunk.subarray(surplus);
      surplus = Math.max(0, surplus - chunk.length);
      progress.received += piece.length;
      const isFull = piece.length > 0 && !sink.write(piece);
      const wait = limit?.take(chunk.length) ?? 0;
      if (isFull || wait >= 1) hold(body, wait, isFull && sink);
    });
    const end = (settle: () => void) => {
      sink.off("close", stop);
      settle();
    };
    body.once("end", () => end(resolve));
    body.once("error", (error) => end(() => reject(unreachable({ method: "GET", url }, error))));
    body.once("close", () => end(() => reject(new Error("the download was not read to its end"))));
  });
}

/** A connection may break while nobody reads yet. */
function brokenBefore(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}

/** Takes no more of `body` for `wait` milliseconds, and until `sink` has taken what it was given. */
function hold(body: Readable, wait: number, sink: Writable | false): void {
  body.pause();
  const drained = sink && new Promise<void>((resolve) => sink.once("drain", resolve));
  void Promise.all([wait >= 1 && sleep(wait), drained]).then(() => body.resume());
}
