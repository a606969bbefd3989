// Reading answers.

import type { IncomingMessage } from "node:http";
import type { Answer } from "./error.js";
import { parseRetryAfter } from "./retry.js";

const LARGEST_TEXT = 64 * 1024;

/** The status and body of an answer that is an error; of the body no more than fits a message. */
export async function readAnswer(
  request: { readonly method: string; readonly url: URL },
  response: IncomingMessage,
): Promise<Answer> {
  const text = await readText(response).catch(() => ""); // a connection that breaks here changes nothing
  const retryAfter = parseRetryAfter(response.headers["retry-after"]);
  return {
    method: request.method,
    url: request.url,
    status: response.statusCode ?? 0,
    text,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** At most 64 KiB of a body; what is beyond is not read. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= LARGEST_TEXT) break;
  }
  return Buffer.concat(chunks).subarray(0, LARGEST_TEXT).toString("utf8");
}
