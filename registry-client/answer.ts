// Reading answers.

import { type HttpResponse, parseRetryAfter } from "../net/index.js";
import type { Answer } from "./error.js";
import { unreachable } from "./unreachable.js";

interface Request {
  readonly method: string;
  readonly url: URL;
}

const LARGEST_TEXT = 64 * 1024;

/** The bytes of an answer. @throws registry_unreachable when the connection breaks before their end */
export async function* bodyOf(request: Request, response: HttpResponse): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreachable(request, error);
  }
}

/** At most 64 KiB of a body; what is beyond is not read. */
export async function readText(request: Request, response: HttpResponse): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request, response)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= LARGEST_TEXT) break;
  }
  return Buffer.concat(chunks).subarray(0, LARGEST_TEXT).toString("utf8");
}

/** The status and body of an answer that is an error; of the body no more than fits a message. */
export async function readAnswer({ method, url }: Request, response: HttpResponse): Promise<Answer> {
  const text = await readText({ method, url }, response).catch(() => ""); // a connection that breaks here changes nothing
  const retryAfter = parseRetryAfter(response.headers["retry-after"]);
  return { method, url, status: response.statusCode ?? 0, text, ...(retryAfter !== undefined && { retryAfter }) };
}
