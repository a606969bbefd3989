// A blob as a stream that goes on where a broken connection left it.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
// https://www.rfc-editor.org/rfc/rfc9110#name-range-requests

import { pipeline, Readable } from "node:stream";
import { type Descriptor, throwIfInterrupted, Verifier } from "../oci/index.js";
import { isTransient, pause, type RetryOptions } from "../net/index.js";
import { bodyOf } from "./answer.js";
import type { RegistryResponse } from "./connection.js";

/** Asks for a blob's bytes from `offset` on. The answer may have all of them nevertheless (status 200). */
export type Fetch = (offset: number) => Promise<RegistryResponse>;

export type DownloadOptions = RetryOptions & { readonly signal?: AbortSignal | undefined };

/** The bytes of `blob`, verified. `first` is the answer for offset 0. */
export function download(blob: Descriptor, first: RegistryResponse, fetch: Fetch, options: DownloadOptions): Readable {
  const pieces = Readable.from(resuming(first, fetch, options), { objectMode: false });
  return pipeline(pieces, new Verifier(blob), () => first.body.destroy());
}

/** A try that brings bytes makes up for those before it. */
async function* resuming(first: RegistryResponse, fetch: Fetch, options: DownloadOptions): AsyncGenerator<Buffer> {
  let response = first;
  let received = 0;
  for (let tried = 1; ; tried++) {
    const before = received;
    try {
      for await (const piece of skip(response, received)) {
        received += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      throwIfInterrupted(options.signal);
      if (received > before) tried = 1;
      if (!isTransient(error) || tried >= (options.attempts ?? 5)) throw error;
      await pause(tried, error, options);
    }
    response = await fetch(received);
  }
}

/** The body of an answer, without what was received before if it starts over. */
async function* skip({ status, body, url }: RegistryResponse, received: number): AsyncGenerator<Buffer> {
  let surplus = status === 206 ? 0 : received;
  for await (const chunk of bodyOf({ method: "GET", url }, body)) {
    if (chunk.length > surplus) yield chunk.subarray(surplus);
    surplus = Math.max(0, surplus - chunk.length);
  }
}
