// What a server answered when it should have sent a file.

import { TsbuildError } from "../errors.js";
import { redactUrl } from "./redact.js";

/** A download that failed. `status` and `retryAfter` say whether to try again. */
export class HttpError extends TsbuildError {
  override readonly name = "HttpError";
  readonly status: number;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter?: number;

  constructor(url: URL, status: number, retryAfter: string | undefined) {
    const refused = status === 401 || status === 403;
    super(
      refused ? "unauthorized" : "bad_http_source",
      `cannot download "${redactUrl(url.href)}": the server answered ${status}`,
      { hint: hintFor(url, status) },
    );
    this.status = status;
    const wait = Number(retryAfter);
    if (retryAfter !== undefined && !Number.isNaN(wait)) this.retryAfter = wait * 1000;
  }
}

function hintFor(url: URL, status: number): string {
  if (status === 401 || status === 403)
    return `Give a secret with the id HTTP_AUTH_TOKEN_${url.hostname} or HTTP_AUTH_HEADER_${url.hostname}.`;
  if (status === 404 || status === 410) return "Check the address.";
  return status >= 500 || status === 429
    ? "Try again later."
    : "Check the address, and that the server gives the file without a browser.";
}
