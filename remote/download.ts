// Downloads a file to a place on disk, unless it is as it was when it was downloaded before.
// https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests

import { createWriteStream, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { TsbuildError } from "../errors.js";
import { type Digest, Digester, throwIfInterrupted } from "../oci/index.js";
import { httpAuthorization, type ReadSecret } from "./auth.js";
import { HttpError } from "./http-error.js";
import type { HttpSource } from "./http-source.js";
import type { Network } from "./network.js";
import { redactUrl } from "./redact.js";

/** What is known of a file after its download. */
export interface RemoteFile {
  readonly digest: Digest;
  readonly size: number;
  readonly etag?: string;
  /** As the server wrote it: an HTTP date. */
  readonly lastModified?: string;
}

export interface DownloadOptions {
  readonly network: Network;
  readonly secret: ReadSecret;
  /** Where the bytes go. Nothing is left there when this fails, or when the file is unchanged. */
  readonly to: string;
  /** What the file was when it was last downloaded, if its bytes are still here. */
  readonly known?: RemoteFile;
  readonly onProgress?: (current: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

const MOST_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The file at `source.url`; `known` itself when it has not changed.
 * @throws bad_http_source, unauthorized, checksum_mismatch, source_unreachable, interrupted
 */
export async function download(source: HttpSource, options: DownloadOptions): Promise<RemoteFile> {
  try {
    const file = await options.network.retry(() => attempt(source, options), options.signal);
    if (source.checksum !== undefined && file.digest !== source.checksum) throw mismatch(source, file);
    return file;
  } catch (error) {
    rmSync(options.to, { force: true });
    throw error;
  }
}

async function attempt({ url }: HttpSource, options: DownloadOptions): Promise<RemoteFile> {
  const response = await follow(new URL(url), options);
  if (options.known && isUnchanged(response, options.known)) {
    response.destroy();
    return { ...options.known, ...validators(response) };
  }
  return { ...(await save(response, new URL(url), options)), ...validators(response) };
}

/** Who we are is told to the host of the URL only, wherever it sends us. */
async function follow(start: URL, { network, secret, known, signal }: DownloadOptions): Promise<IncomingMessage> {
  const authorization = httpAuthorization(start, secret);
  let url = start;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const own = authorization !== undefined && url.origin === start.origin;
    const headers = {
      accept: "*/*",
      "accept-encoding": "identity",
      ...conditions(known),
      ...(own && { authorization }),
    };
    const response = await network.get({ url: withoutUser(url), headers, ...(signal && { signal }) });
    const status = response.statusCode ?? 0;
    if (!REDIRECTS.includes(status)) return accepted(response, url, known);
    response.resume();
    url = target(response, url);
  }
  throw new TsbuildError(
    "bad_http_source",
    `cannot download "${redactUrl(start.href)}": more than ${MOST_REDIRECTS} redirects`,
    { hint: "Give the address that the redirects are to lead to." },
  );
}

function conditions(known: RemoteFile | undefined): Record<string, string> {
  const { etag, lastModified } = known ?? {};
  return {
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}

function withoutUser(url: URL): URL {
  const plain = new URL(url);
  plain.username = plain.password = plain.hash = "";
  return plain;
}

function accepted(response: IncomingMessage, url: URL, known: RemoteFile | undefined): IncomingMessage {
  const status = response.statusCode ?? 0;
  if ((status >= 200 && status < 300) || (status === 304 && known)) return response;
  response.resume();
  throw new HttpError(url, status, response.headers["retry-after"]);
}

function target(response: IncomingMessage, url: URL): URL {
  const location = response.headers.location ?? "";
  const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (location !== "" && (next?.protocol === "http:" || next?.protocol === "https:")) return next;
  throw new TsbuildError(
    "bad_http_source",
    `cannot download "${redactUrl(url.href)}": expected a redirect to an http or https URL, found "${redactUrl(location)}"`,
    { hint: "Give the address of the file itself." },
  );
}

/** Some servers send the whole file with the same ETag instead of answering 304. */
function isUnchanged({ statusCode, headers }: IncomingMessage, known: RemoteFile): boolean {
  if (statusCode === 304) return true;
  return known.etag !== undefined && headers.etag !== undefined && strong(headers.etag) === strong(known.etag);
}

function strong(etag: string): string {
  return etag.replace(/^W\//, "");
}

function validators({ headers }: IncomingMessage): Pick<RemoteFile, "etag" | "lastModified"> {
  const { etag, "last-modified": lastModified } = headers;
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

async function save(
  response: IncomingMessage,
  url: URL,
  { to, network, onProgress, signal }: DownloadOptions,
): Promise<RemoteFile> {
  const digester = new Digester();
  const length = response.headers["content-length"];
  const counter = counting((size) => onProgress?.(size, length === undefined ? undefined : Number(length)));
  const decoder = decoderFor(response.headers["content-encoding"]);
  const file = createWriteStream(to, { flags: "w", mode: 0o644 });
  const stages = decoder ? [response, counter, decoder, digester, file] : [response, counter, digester, file];
  try {
    await pipeline(stages, signal ? { signal } : {});
  } catch (error) {
    if (!file.closed) await new Promise<void>((resolve) => void file.once("close", () => resolve())); // it may just be being made
    throwIfInterrupted(signal);
    throw response.errored ? network.broken(url, response.errored) : error;
  }
  return { digest: digester.digest, size: digester.size };
}

function counting(report: (size: number) => void): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      report((size += chunk.length));
      callback(null, chunk);
    },
  });
}

/** Files that a server keeps compressed are what they are after decompression, though we asked for no encoding. */
function decoderFor(encoding: string | undefined): Transform | undefined {
  return encoding === "gzip" || encoding === "x-gzip" ? createGunzip() : undefined;
}

function mismatch({ url, checksum }: HttpSource, { digest }: RemoteFile): TsbuildError {
  return new TsbuildError("checksum_mismatch", `"${redactUrl(url)}": expected ${checksum}, downloaded ${digest}`, {
    hint: "Compare with the checksum that the publisher names; the file may have been replaced.",
  });
}
