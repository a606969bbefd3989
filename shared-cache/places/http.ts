// Requests to caches that are no registries.

import type { IncomingMessage } from "node:http";
import { TsbuildError } from "../../errors.js";
import { type Body, cannotReach, parseRetryAfter, reasonOf, Transport, withRetries } from "../../net/index.js";

export interface CacheRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Statuses that are answers; any other is thrown. */
  readonly expect: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** A body that can be read once only is sent once only. @default true */
  readonly retry?: boolean;
}

export interface CacheAnswer {
  readonly status: number;
  /** To be read to its end, or destroyed. */
  readonly body: IncomingMessage;
}

/** An answer that was not expected. `status` and `retryAfter` decide whether it is worth another try. */
export class CacheError extends TsbuildError {
  readonly status: number;
  readonly retryAfter?: number;

  constructor(message: string, status: number, retryAfter?: number) {
    super("cache_unavailable", message, status === 401 || status === 403 ? { hint: FORBIDDEN } : {});
    this.status = status;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

const FORBIDDEN = "Check the credentials, and that they may read and write this cache.";
const LARGEST_TEXT = 1 << 20;

export interface CacheHttpOptions {
  /** Names proxies and certificates. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends requests that have no signal of their own. */
  readonly signal?: AbortSignal | undefined;
  /** What a server says of a failure, out of the body of its answer. */
  readonly explain: (text: string) => string;
}

export class CacheHttp {
  readonly #transport: Transport;
  readonly #explain: (text: string) => string;
  readonly #signal: AbortSignal | undefined;

  constructor({ environment, signal, explain }: CacheHttpOptions) {
    this.#explain = explain;
    this.#signal = signal;
    this.#transport = new Transport({ environment, userAgent: "tsbuild", isInsecure: () => false, unreachable });
  }

  /** @throws cache_unavailable, interrupted */
  send({ retry = true, ...request }: CacheRequest): Promise<CacheAnswer> {
    const { signal = this.#signal } = request;
    return withRetries(() => this.#once({ ...request, signal }), { signal, ...(!retry && { attempts: 1 }) });
  }

  async #once(request: CacheRequest): Promise<CacheAnswer> {
    const body = await this.#transport.send(request);
    const status = body.statusCode ?? 0;
    if (request.expect.includes(status)) return { status, body };
    const said = this.#explain(await readText(body))
      .replace(/\s+/g, " ")
      .slice(0, 300);
    const { method, url } = request;
    const message = `${url.host} answered ${status} to ${method} ${url.pathname}${said ? `: ${said}` : ""}`;
    throw new CacheError(message, status, parseRetryAfter(body.headers["retry-after"]));
  }
}

/** At most 1 MiB. @throws cache_unavailable when the connection breaks */
export async function readText(body: IncomingMessage): Promise<string> {
  return (await readBytes(body, LARGEST_TEXT)).toString("utf8");
}

/** @throws cache_unavailable when there are more than `most`, or the connection breaks */
export async function readBytes(body: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw new TsbuildError("cache_unavailable", `expected an answer of at most ${most} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof TsbuildError ? error : broken(error);
  }
  return Buffer.concat(chunks);
}

/** The error for an answer that broke off. */
export function broken(cause: unknown): TsbuildError {
  const { reason, cause: inner } = reasonOf(cause);
  return new TsbuildError("cache_unavailable", `the answer of a cache broke off: ${reason}`, {
    hint: "Try again.",
    cause: inner,
  });
}

function unreachable({ url }: { readonly url: URL }, failure: unknown): TsbuildError {
  const reason = reasonOf(failure);
  return new TsbuildError("cache_unavailable", cannotReach(url.host, reason), {
    hint: "Check the address of the cache, the network and the proxy.",
    cause: reason.cause,
  });
}
