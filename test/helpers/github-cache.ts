// The cache service of GitHub Actions as its documentation has it, with the blob storage behind it, on a loopback port.
// https://github.com/actions/toolkit/tree/main/packages/cache, https://learn.microsoft.com/rest/api/storageservices/put-block-list

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Entry {
  readonly key: string;
  readonly version: string;
  readonly bytes: Buffer;
}

export class GithubCacheServer {
  readonly token = "the runtime token";
  /** `METHOD name` of each request, in order. */
  readonly requests: string[] = [];
  /** Finished entries, the newest first. */
  readonly entries: Entry[] = [];
  readonly #blobs = new Map<string, Buffer>();
  readonly #blocks = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => request.socket.destroy()); // a request that breaks off
  });

  static async start(): Promise<GithubCacheServer> {
    const server = new GithubCacheServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** What a runner gives to its steps. */
  get env(): Record<string, string> {
    return { ACTIONS_RESULTS_URL: this.url, ACTIONS_RUNTIME_TOKEN: this.token };
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    const body = Buffer.concat(await request.toArray());
    const rpc = /^\/twirp\/github\.actions\.results\.api\.v1\.CacheService\/(\w+)$/.exec(url.pathname)?.[1];
    this.requests.push(`${request.method} ${rpc ?? url.pathname.split("/")[1]}`);
    if (rpc === undefined) return this.#storage(request, url, body, response);
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return reply(response, 401, { code: "unauthenticated", msg: "bad token" });
    reply(response, 200, this.#call(rpc, JSON.parse(body.toString()) as Record<string, unknown>));
  }

  #call(method: string, message: Record<string, unknown>): unknown {
    const [key, version] = [String(message["key"]), String(message["version"])];
    const id = `${version}/${encodeURIComponent(key)}`;
    const known = this.entries.find((entry) => entry.key === key && entry.version === version);
    switch (method) {
      case "CreateCacheEntry":
        return known ? { ok: false } : { ok: true, signed_upload_url: `${this.url}blob/${id}?sig=write` };
      case "FinalizeCacheEntryUpload": {
        const bytes = this.#blobs.get(id);
        if (String(bytes?.length) !== message["size_bytes"]) return { ok: false };
        this.entries.unshift({ key, version, bytes: bytes! });
        return { ok: true, entry_id: String(this.entries.length) };
      }
      default: {
        const prefixes = (message["restore_keys"] as string[] | undefined) ?? [];
        const found =
          known ??
          this.entries.find((entry) => entry.version === version && prefixes.some((one) => entry.key.startsWith(one)));
        if (!found) return { ok: false };
        const path = `${version}/${encodeURIComponent(found.key)}`;
        return { ok: true, matched_key: found.key, signed_download_url: `${this.url}blob/${path}?sig=read` };
      }
    }
  }

  #storage({ method, headers }: IncomingMessage, url: URL, body: Buffer, response: ServerResponse): void {
    const [, , version, key] = url.pathname.split("/");
    const id = `${version}/${key}`;
    const may = url.searchParams.get("sig") === (method === "GET" ? "read" : "write");
    if (!may || headers.authorization !== undefined) return void response.writeHead(403).end();
    if (method === "GET") return void response.end(this.#blobs.get(id));
    const comp = url.searchParams.get("comp");
    if (comp === "block") this.#blocks.set(`${id} ${url.searchParams.get("blockid")}`, body);
    else if (comp === "blocklist") {
      const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, block]) => block);
      this.#blobs.set(id, Buffer.concat(ids.map((block) => this.#blocks.get(`${id} ${block}`)!)));
    } else if (headers["x-ms-blob-type"] === "BlockBlob") this.#blobs.set(id, body);
    else return void response.writeHead(400).end();
    response.writeHead(201).end();
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
