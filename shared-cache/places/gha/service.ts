// The cache service of GitHub Actions: entries are made once and never changed; bytes go to and come from Azure's blob storage.
// https://github.com/actions/toolkit/tree/main/packages/cache
// https://learn.microsoft.com/rest/api/storageservices/put-block

import type { Readable } from "node:stream";
import { TsbuildError } from "../../../errors.js";
import type { Body } from "../../../net/index.js";
import { hexOf, sha256 } from "../../../oci/index.js";
import { type CacheAnswer, CacheError, CacheHttp, readText } from "../http.js";

const SERVICE = "twirp/github.actions.results.api.v1.CacheService";
/** Entries of other versions are not found. */
const VERSION = hexOf(sha256("tsbuild cache v1"));
/** Larger entries are sent in blocks of this many bytes. */
const BLOCK = 32 << 20;

export interface GithubServiceOptions {
  readonly url: URL;
  readonly token: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

interface Cancelable {
  readonly signal?: AbortSignal | undefined;
}

export class GithubService {
  readonly #options: GithubServiceOptions;
  readonly #http: CacheHttp;

  constructor(options: GithubServiceOptions) {
    this.#options = options;
    const { environment, signal } = options;
    this.#http = new CacheHttp({ environment, signal, explain: messageOf });
  }

  /** Where the newest entry is whose key is `key` or begins with it; undefined when there is none. */
  async find(key: string, { signal }: Cancelable = {}): Promise<URL | undefined> {
    const body = { key, restore_keys: [key], version: VERSION };
    const answer = await this.#call("GetCacheEntryDownloadURL", body, signal);
    return answer?.ok ? urlOf(answer.signed_download_url) : undefined;
  }

  async get(url: URL, { signal }: Cancelable = {}): Promise<CacheAnswer> {
    return this.#http.send({ method: "GET", url, expect: [200], signal });
  }

  /** Makes an entry; one that is there already stays as it is. */
  async put(key: string, body: Body, options: Cancelable & { readonly retry?: boolean }): Promise<void> {
    const size = body instanceof Uint8Array ? body.length : body.size;
    const made = await this.#call("CreateCacheEntry", { key, version: VERSION }, options.signal);
    if (!made?.ok) return;
    const url = urlOf(made.signed_upload_url);
    if (body instanceof Uint8Array || size <= BLOCK) await this.#putBlob(url, body, options);
    else await this.#putBlocks(url, await body.open(), options);
    const done = { key, version: VERSION, size_bytes: String(size) };
    const { ok = false } = (await this.#call("FinalizeCacheEntryUpload", done, options.signal)) ?? {};
    if (!ok) throw new TsbuildError("cache_unavailable", `${this.#options.url.host} did not keep the entry "${key}"`);
  }

  async #putBlob(url: URL, body: Body, { signal, retry = true }: Cancelable & { retry?: boolean }): Promise<void> {
    const headers = { "x-ms-blob-type": "BlockBlob", "content-type": "application/octet-stream" };
    const answer = await this.#http.send({ method: "PUT", url, headers, body, expect: [200, 201], signal, retry });
    answer.body.resume();
  }

  async #putBlocks(url: URL, content: Readable, { signal }: Cancelable): Promise<void> {
    const ids: string[] = [];
    for await (const block of blocksOf(content)) {
      const id = Buffer.from(`block-${String(ids.length).padStart(8, "0")}`).toString("base64");
      await this.#putPart(url, { comp: "block", blockid: id }, block, signal);
      ids.push(id);
    }
    const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
    await this.#putPart(url, { comp: "blocklist" }, Buffer.from(list), signal);
  }

  async #putPart(url: URL, query: Record<string, string>, body: Uint8Array, signal?: AbortSignal): Promise<void> {
    const part = new URL(url);
    for (const [name, value] of Object.entries(query)) part.searchParams.set(name, value);
    const answer = await this.#http.send({ method: "PUT", url: part, body, expect: [200, 201], signal });
    answer.body.resume();
  }

  /** @returns undefined when the service says that there is one already, or none */
  async #call(method: string, message: object, signal?: AbortSignal): Promise<Answer | undefined> {
    const { url, token } = this.#options;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const target = new URL(`${SERVICE}/${method}`, url);
    const body = Buffer.from(JSON.stringify(message));
    try {
      const answer = await this.#http.send({ method: "POST", url: target, headers, body, expect: [200], signal });
      return JSON.parse(await readText(answer.body)) as Answer;
    } catch (error) {
      if (error instanceof CacheError && (error.status === 409 || error.status === 404)) return undefined;
      throw error instanceof SyntaxError ? new TsbuildError("cache_unavailable", `${url.host}: expected JSON`) : error;
    }
  }
}

interface Answer {
  readonly ok?: boolean;
  readonly signed_upload_url?: string;
  readonly signed_download_url?: string;
}

function urlOf(text: string | undefined): URL {
  if (text !== undefined && URL.canParse(text)) return new URL(text);
  throw new TsbuildError("cache_unavailable", "expected the URL of an entry from the cache service, found none");
}

async function* blocksOf(content: Readable): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < BLOCK) continue;
    yield Buffer.concat(chunks);
    chunks = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(chunks);
}

/** https://twitchtv.github.io/twirp/docs/errors.html */
function messageOf(text: string): string {
  try {
    const { code = "", msg = "" } = JSON.parse(text) as { code?: string; msg?: string };
    return [code, msg].filter((word) => word !== "").join(": ");
  } catch {
    return "";
  }
}
