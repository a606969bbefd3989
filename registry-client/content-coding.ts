// Answers that are compressed on the way, though nobody asked for it: digests and ranges are of what is not.
// https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding

import type { IncomingHttpHeaders } from "node:http";
import { RegistryError } from "./error.js";

/** Asks that nothing be compressed on the way. */
export const PLAIN = { "accept-encoding": "identity" };

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly url: URL;
}

/** The coding that an answer says it has: `gzip`. */
export function codingOf({ headers }: Pick<Sent, "headers">): string | undefined {
  const coding = String(headers["content-encoding"] ?? "identity").trim();
  return coding.toLowerCase() === "identity" ? undefined : coding;
}

/**
 * @param size of what was asked for, if that is known: an answer of this length is no other, whatever it says. Stores of blobs
 * say so of layers, which are gzip themselves.
 * @throws registry_error
 */
export function expectPlain(answer: Sent, size: number | undefined): void {
  const coding = codingOf(answer);
  if (coding === undefined || (size !== undefined && answer.headers["content-length"] === String(size))) return;
  const { url } = answer;
  const message = `${url.host} sent with "Content-Encoding: ${coding}" what was asked for without`;
  throw new RegistryError("registry_error", message, {
    method: "GET",
    url,
    hint: `Let nothing in front of ${url.host} compress what passes through it.`,
  });
}
