// A blob as a stream that goes on where a broken connection left it.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
// https://www.rfc-editor.org/rfc/rfc9110#name-range-requests

import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Descriptor, throwIfInterrupted, Verifier } from "../oci/index.js";
import { isTransient, pause, type RateLimit, type RetryOptions } from "../net/index.js";
import type { RegistryResponse } from "./connection.js";
import { unreachable } from "./unreachable.js";

/** Asks for a blob's bytes from `offset` on. The answer may have all of them nevertheless (status 200). */
export type Fetch = (offset: number) => Promise<RegistryResponse>;

export interface DownloadOptions extends RetryOptions {
  readonly limit?: RateLimit | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The bytes of `blob`, verified. `first` is the answer for offset 0. */
export function download(blob: Descriptor, first: RegistryResponse, fetch: Fetch, options: DownloadOptions): Readable {
  const verifier = new Verifier(blob);
  fill(verifier, first, fetch, options).then(
    () => verifier.end(),
    (error: Error) => verifier.destroy(error),
  );
  return verifier;
}

/** A try that brings bytes makes up for those before it. */
async function fill(
  verifier: Verifier,
  first: RegistryResponse,
  fetch: Fetch,
  options: DownloadOptions,
): Promise<void> {
  const progress = { received: 0 };
  let response = first;
  for (let tried = 1; ; tried++) {
    const before = progress.received;
    if (verifier.destroyed) return void response.body.destroy();
    try {
      return await pour(response, verifier, progress, options.limit);
    } catch (error) {
      throwIfInterrupted(options.signal);
      if (progress.received > before) tried = 1;
      if (verifier.destroyed || !isTransient(error) || tried >= (options.attempts ?? 5)) throw error;
      await pause(tried, error, options);
    }
    response = await fetch(progress.received);
  }
}

/** Writes the body of an answer to `verifier`, without what was received before if the answer starts over. */
function pour(
  { status, body, url }: RegistryResponse,
  verifier: Verifier,
  progress: { received: number },
  limit: RateLimit | undefined,
): Promise<void> {
  let surplus = status === 206 ? 0 : progress.received;
  return new Promise((resolve, reject) => {
    const stop = () => void body.destroy();
    verifier.once("close", stop);
    body.on("data", (chunk: Buffer) => {
      const piece = chunk.subarray(surplus);
      surplus = Math.max(0, surplus - chunk.length);
      progress.received += piece.length;
      const isFull = piece.length > 0 && !verifier.write(piece);
      const wait = limit?.take(chunk.length) ?? 0;
      if (isFull || wait >= 1) hold(body, wait, isFull && verifier);
    });
    const end = (settle: () => void) => {
      verifier.off("close", stop);
      settle();
    };
    body.once("end", () => end(resolve));
    body.once("error", (error) => end(() => reject(unreachable({ method: "GET", url }, error))));
    body.once("close", () => end(() => reject(new Error("the download was not read to its end"))));
  });
}

/** Takes no more of `body` for `wait` milliseconds, and until `sink` has taken what it was given. */
function hold(body: Readable, wait: number, sink: Verifier | false): void {
  body.pause();
  const drained = sink && new Promise<void>((resolve) => sink.once("drain", resolve));
  void Promise.all([wait >= 1 && sleep(wait), drained]).then(() => body.resume());
}
