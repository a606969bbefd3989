// Sends a blob: in one piece if that works, else in pieces from where the registry has it.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs

import { pipeline, type Readable, Transform } from "node:stream";
import { TsbuildError } from "../errors.js";
import {
  creptBytes,
  isTransient,
  mayTryAgain,
  pause,
  type RateLimit,
  type RetryOptions,
  throttle,
} from "../net/index.js";
import { type Descriptor, throwIfInterrupted } from "../oci/index.js";
import type { Access } from "./authorizer.js";
import type { Connection, RegistryResponse } from "./connection.js";
import { deniesContent, RegistryError, type RegistryErrorOptions, storedOther } from "./error.js";
import { Pieces } from "./pieces.js";
import { openSession, type Session, statusOf } from "./upload-session.js";

export interface Upload {
  readonly connection: Connection;
  readonly access: Access;
  readonly blob: Descriptor;
  /** Opens the content; called once for each try. */
  readonly open: () => Promise<Readable>;
  /** Bytes of a piece, when not all are to go at once. */
  readonly chunk?: number | undefined;
  readonly limit?: RateLimit | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Reads the content where it came from, in case that the registry does not say what it stored. @throws digest_mismatch */
  readonly verify?: (() => Promise<void>) | undefined;
}

/** Bytes of a piece after the blob as a whole did not arrive. */
const CHUNK = 32 << 20;
/** Bytes of a piece for proxies that refuse large requests. */
const SMALL_CHUNK = 8 << 20;
const TOO_LARGE = 413;
/** The session has ended, or is not where we think. */
const LOST = new Set([400, 404, 416]);

/**
 * Sends `blob` into `session`, or a new one. What fails with something that may pass is asked how far it came, and goes on
 * there; where the registry does not know, it starts over. Progress makes up for the tries before it.
 * @throws digest_mismatch when the content is not what it should be; registry_error when it is, and the registry says otherwise
 */
export async function send(upload: Upload, session: Session | undefined, retry: RetryOptions): Promise<void> {
  const sending = new Sending(upload, session);
  let since = performance.now();
  for (let tried = 1; ; tried++) {
    const before = sending.offset;
    try {
      return await sending.go();
    } catch (error) {
      throwIfInterrupted(upload.signal);
      if (!sending.mayGoOn(error) || !mayTryAgain(error, { tried, since }, retry)) throw error;
      await pause(tried, error, { ...retry, signal: upload.signal });
      await sending.recover(error, retry);
      if (sending.offset - before > 2 * creptBytes(error)) [tried, since] = [0, performance.now()];
    } finally {
      sending.close();
    }
  }
}

class Sending {
  readonly #upload: Upload;
  readonly #pieces: Pieces;
  #session: Session | undefined;
  /** Bytes that the registry has. */
  #offset = 0;
  /** Of a piece; undefined while the blob goes as a whole. */
  #chunk: number | undefined;

  constructor(upload: Upload, session: Session | undefined) {
    this.#upload = upload;
    this.#session = session;
    this.#chunk = upload.chunk;
    this.#pieces = new Pieces(upload.blob, upload.open);
  }

  get offset(): number {
    return this.#offset;
  }

  async go(): Promise<void> {
    this.#session ??= (await openSession(this.#upload))!;
    if (this.#chunk === undefined) return this.#sendAll(this.#session);
    const size = Math.max(this.#chunk, this.#session.leastChunk);
    while (this.#offset < this.#upload.blob.size) this.#session = await this.#sendPiece(this.#session, size);
    await this.#commit(this.#session, new Uint8Array());
  }

  /** Lets go of the content. */
  close(): void {
    this.#pieces.close();
  }

  mayGoOn(error: unknown): boolean {
    if (isTransient(error)) return true;
    if (!(error instanceof RegistryError) || deniesContent(error)) return false;
    if (error.status === TOO_LARGE) return (this.#chunk ?? Infinity) > SMALL_CHUNK;
    return this.#chunk !== undefined && LOST.has(error.status ?? 0);
  }

  /** Finds out where to go on. */
  async recover(error: unknown, retry: RetryOptions): Promise<void> {
    const isTooLarge = error instanceof RegistryError && error.status === TOO_LARGE;
    const known = this.#session && !isTooLarge ? await statusOf(this.#session, { ...this.#upload, retry }) : undefined;
    this.#session = known?.session;
    this.#offset = known?.offset ?? 0;
    if (isTooLarge) this.#chunk = SMALL_CHUNK;
    else if (this.#offset > 0) this.#chunk ??= CHUNK;
  }

  async #sendAll(session: Session): Promise<void> {
    const { blob, open, limit } = this.#upload;
    await this.#commit(session, { size: blob.size, open: async () => counted(await open(), blob, limit) });
  }

  async #sendPiece(session: Session, most: number): Promise<Session> {
    const { connection, access, blob, signal, limit } = this.#upload;
    const start = this.#offset;
    const end = Math.min(start + most, blob.size);
    const open = async () => limited(await this.#pieces.open(start, end), limit);
    const response = await connection.request({
      method: "PATCH",
      target: session.url,
      access,
      headers: { "content-type": "application/octet-stream", "content-range": `${start}-${end - 1}` },
      body: { size: end - start, open },
      expect: [201, 202, 204],
      signal,
      commits: true,
    });
    response.body.resume();
    this.#offset = end;
    return { ...session, url: connection.resolveLocation(response) };
  }

  async #commit(session: Session, body: Uint8Array | { size: number; open: () => Promise<Readable> }): Promise<void> {
    const { connection, access, blob, signal } = this.#upload;
    const target = new URL(session.url);
    target.search += `${target.search === "" ? "" : "&"}digest=${encodeURIComponent(blob.digest)}`;
    const headers = { "content-type": "application/octet-stream" };
    const expect = [201, 204];
    const request = { method: "PUT", target, access, headers, body, expect, signal, commits: true } as const;
    const response = await connection.request(request).catch((error: unknown) => this.#refused(error));
    response.body.resume();
    await this.#expectStored(response);
  }

  async #expectStored({ headers, url }: RegistryResponse): Promise<void> {
    const { blob, verify } = this.#upload;
    const stored = headers["docker-content-digest"];
    if (stored === undefined) return verify?.();
    if (stored !== blob.digest)
      await this.#denied({ method: "PUT", url }, `expected ${blob.digest}, it says ${String(stored)}`);
  }

  async #refused(error: unknown): Promise<never> {
    if (!(error instanceof RegistryError) || !deniesContent(error)) throw error;
    const { method, url, status, codes } = error;
    return this.#denied({ method, url: new URL(url), codes, ...(status && { status }) }, error.message);
  }

  /** The registry is wrong when what was sent is not damaged, as far as that can be told. */
  async #denied(exchange: Omit<RegistryErrorOptions, "hint">, said: string): Promise<never> {
    const { verify } = this.#upload;
    if (verify === undefined) throw new RegistryError("digest_mismatch", said, exchange);
    await verify();
    throw storedOther(exchange, said);
  }
}

/** A request says how long its body is: one of another length would end in silence. */
function counted(content: Readable, { digest, size }: Descriptor, limit: RateLimit | undefined): Readable {
  let count = 0;
  const mismatch = (found: string) =>
    new TsbuildError("digest_mismatch", `expected ${digest} (${size} bytes), read ${found}`);
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      count += chunk.length;
      callback(count > size ? mismatch(`at least ${count} bytes`) : null, chunk);
    },
    flush: (callback) => callback(count < size ? mismatch(`${count} bytes`) : null),
  });
  return limited(
    pipeline(content, counter, () => {}),
    limit,
  ); // a failure reaches the request
}

function limited(content: Readable, limit: RateLimit | undefined): Readable {
  return limit === undefined ? content : pipeline(content, throttle(limit), () => {});
}
