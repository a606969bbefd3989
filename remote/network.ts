// What downloads need of the network. Whoever opens sockets passes it in.

import type { IncomingMessage } from "node:http";
import type { TsbuildError } from "../errors.js";

export interface GetRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Network {
  /**
   * Sends a GET. Resolves when the head of the answer is there, whatever its status; redirects are answers. The body is to
   * be read to its end or destroyed.
   * @throws source_unreachable, interrupted
   */
  get(request: GetRequest): Promise<IncomingMessage>;
  /** The error for an answer that broke off. */
  broken(url: URL, cause: unknown): TsbuildError;
  /** Runs `attempt` again while it fails with what may pass: a broken connection, an overloaded server. */
  retry<Value>(attempt: () => Promise<Value>, signal?: AbortSignal): Promise<Value>;
}
