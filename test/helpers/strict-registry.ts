// A registry in this process that keeps a list of the rules of the distribution spec that a client broke, and that can be
// made to fail. It has what registries may have and the real one here lacks: resumable uploads, the referrers API, pages.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256 } from "../../oci/index.js";

export interface StrictOptions {
  /** Whether it has the referrers API. @default true */
  readonly referrers?: boolean;
  /** Tags in one page. @default 2 */
  readonly page?: number;
  /** What `OCI-Chunk-Min-Length` says. @default none */
  readonly leastChunk?: number;
  /** Whether mounts are made. @default true */
  readonly mounts?: boolean;
  /** Whether it says which blob it stored. @default true */
  readonly saysDigests?: boolean;
}

/** Handles a request in place of the registry when it returns true. */
export type Fault = (call: Call, registry: StrictRegistry) => boolean | Promise<boolean>;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const JSON_TYPE = "application/vnd.oci.image.index.v1+json";

export class StrictRegistry {
  readonly options: Required<StrictOptions>;
  /** Rules that were broken. */
  readonly violations: string[] = [];
  /** `PUT /v2/…` of every request, in order. */
  readonly requests: string[] = [];
  /** By `repository@digest`. */
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, Stored>();
  /** Digests by `repository:tag`. */
  readonly tags = new Map<string, string>();
  readonly uploads = new Map<string, Buffer>();
  /** Asked in order before each request. */
  readonly faults: Fault[] = [];
  host = "";
  #count = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(options: StrictOptions = {}) {
    this.options = { referrers: true, page: 2, leastChunk: 0, mounts: true, saysDigests: true, ...options };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on("error", () => {});
    const url = new URL(request.url ?? "/", "http://registry");
    const call: Call = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      request,
      response,
    };
    this.requests.push(`${call.method} ${request.url}`);
    for (const fault of this.faults) if (await fault(call, this)) return;
    await this.handle(call);
  }

  /** What a registry without faults answers. */
  async handle(call: Call): Promise<void> {
    const { path, response } = call;
    const upload = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/.exec(path);
    if (upload) return this.#upload(call, upload[1]!, upload[2]!);
    const other = /^\/v2\/(.+)\/(blobs|manifests|referrers|tags)\/([^/]+)$/.exec(path);
    const [, repository = "", kind, reference = ""] = other ?? [];
    if (kind === "blobs") return this.#blob(call, repository, reference);
    if (kind === "manifests") return this.#manifest(call, repository, reference);
    if (kind === "tags") return this.#tags(call, repository);
    if (kind === "referrers" && this.options.referrers) return this.#referrers(call, repository, reference);
    reply(response, path === "/v2/" ? 200 : 404);
  }

  #blob({ method, request, response }: Call, repository: string, digest: string): void {
    const bytes = this.blobs.get(`${repository}@${digest}`);
    if (bytes === undefined) return reply(response, 404, {}, error("BLOB_UNKNOWN"));
    const head = { "docker-content-digest": digest, "content-type": "application/octet-stream" };
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    this.#check(start < bytes.length || bytes.length === 0, "a range begins before the end of the blob");
    if (method === "HEAD") return reply(response, 200, { ...head, "content-length": bytes.length });
    if (start === 0) return reply(response, 200, head, bytes);
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    reply(response, 206, { ...head, "content-range": range }, bytes.subarray(start));
  }

  async #upload(call: Call, repository: string, session: string): Promise<void> {
    if (call.method === "POST") return this.#openUpload(call, repository);
    const known = this.uploads.get(session);
    if (known === undefined) {
      call.request.resume();
      return reply(call.response, 404, {}, error("BLOB_UPLOAD_UNKNOWN"));
    }
    const isLast = call.query.get("state") === String(known.length);
    this.#check(isLast || call.method === "GET", "an upload goes to the last Location");
    const location = (length: number) => ({
      location: `/v2/${repository}/blobs/uploads/${session}?state=${length}`,
      range: `0-${Math.max(0, length - 1)}`,
    });
    if (call.method === "GET") return reply(call.response, 204, location(known.length));
    if (call.method === "PATCH") this.#checkRange(call.request, known.length);
    const bytes = await this.#receive(call, session, known);
    if (bytes === undefined) return;
    if (call.method === "PATCH") return reply(call.response, 202, location(bytes.length));
    this.#commit(call, { repository, session, bytes });
  }

  #openUpload({ query, request, response }: Call, repository: string): void {
    this.#check(
      request.headers["content-length"] === "0" || request.headers["transfer-encoding"] === undefined,
      "an empty POST has no body",
    );
    const [mount, from] = [query.get("mount"), query.get("from")];
    const bytes = this.options.mounts && mount ? this.blobs.get(`${from}@${mount}`) : undefined;
    if (bytes !== undefined) {
      this.blobs.set(`${repository}@${mount}`, bytes);
      return reply(response, 201, { location: `/v2/${repository}/blobs/${mount}`, "docker-content-digest": mount! });
    }
    const session = String((this.#count += 1));
    this.uploads.set(session, Buffer.alloc(0));
    const { leastChunk } = this.options;
    reply(response, 202, {
      location: `/v2/${repository}/blobs/uploads/${session}?state=0`,
      range: "0-0",
      ...(leastChunk > 0 && { "oci-chunk-min-length": leastChunk }),
    });
  }

  #checkRange({ headers }: IncomingMessage, length: number): void {
    const [, start, end] = /^(\d+)-(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
    this.#check(Number(start) === length, "a piece begins where the one before ended");
    this.#check(
      Number(end) - Number(start) + 1 === Number(headers["content-length"]),
      "Content-Range is as long as the body",
    );
    this.#check(headers["content-type"] === "application/octet-stream", "pieces are application/octet-stream");
  }

  /** Keeps what came, also of a body that breaks off. */
  async #receive({ request }: Call, session: string, known: Buffer): Promise<Buffer | undefined> {
    let bytes = known;
    try {
      for await (const chunk of request) {
        bytes = Buffer.concat([bytes, chunk as Buffer]);
        this.uploads.set(session, bytes);
      }
      return bytes;
    } catch {
      return undefined;
    }
  }

  #commit(
    { query, response }: Call,
    { repository, session, bytes }: { repository: string; session: string; bytes: Buffer },
  ): void {
    const digest = query.get("digest") ?? "";
    if (sha256(bytes) !== digest) return reply(response, 400, {}, error("DIGEST_INVALID"));
    this.uploads.delete(session);
    this.blobs.set(`${repository}@${digest}`, bytes);
    const said = this.options.saysDigests && { "docker-content-digest": digest };
    reply(response, 201, { location: `/v2/${repository}/blobs/${digest}`, ...said });
  }

  async #manifest(call: Call, repository: string, reference: string): Promise<void> {
    const { method, request, response } = call;
    if (method === "PUT") return this.#putManifest(call, repository, reference);
    const digest = reference.includes(":") ? reference : this.tags.get(`${repository}:${reference}`);
    const stored = this.manifests.get(`${repository}@${digest}`);
    if (stored === undefined || digest === undefined) return reply(response, 404, {}, error("MANIFEST_UNKNOWN"));
    if (method === "DELETE") {
      if (reference.includes(":")) this.manifests.delete(`${repository}@${digest}`);
      else this.tags.delete(`${repository}:${reference}`);
      return reply(response, 202);
    }
    const accept = String(request.headers.accept ?? "").split(/,\s*/);
    this.#check(accept.includes(stored.mediaType), `Accept has ${stored.mediaType}`);
    const head = { "docker-content-digest": digest, "content-type": stored.mediaType };
    if (method === "HEAD") return reply(response, 200, { ...head, "content-length": stored.bytes.length });
    reply(response, 200, head, stored.bytes);
  }

  async #putManifest({ request, response }: Call, repository: string, reference: string): Promise<void> {
    const bytes = Buffer.concat(await request.toArray());
    const digest = sha256(bytes);
    const mediaType = request.headers["content-type"] ?? "";
    const manifest = JSON.parse(bytes.toString()) as {
      mediaType?: string;
      config?: { digest: string };
      layers?: { digest: string }[];
      manifests?: { digest: string }[];
      subject?: { digest: string };
    };
    this.#check(
      manifest.mediaType === undefined || manifest.mediaType === mediaType,
      "Content-Type is the manifest's mediaType",
    );
    const { config, layers = [], manifests = [], subject } = manifest;
    const blobs = [...(config ? [config] : []), ...layers].filter(
      (blob) => !this.blobs.has(`${repository}@${blob.digest}`),
    );
    const children = manifests.filter((child) => !this.manifests.has(`${repository}@${child.digest}`));
    if (blobs.length + children.length > 0) return reply(response, 404, {}, error("MANIFEST_BLOB_UNKNOWN"));
    if (reference.includes(":") && reference !== digest) return reply(response, 400, {}, error("DIGEST_INVALID"));
    this.manifests.set(`${repository}@${digest}`, { mediaType, bytes });
    if (!reference.includes(":")) this.tags.set(`${repository}:${reference}`, digest);
    const head = { location: `/v2/${repository}/manifests/${digest}`, "docker-content-digest": digest };
    reply(response, 201, { ...head, ...(subject && this.options.referrers && { "oci-subject": subject.digest }) });
  }

  #tags({ query, response }: Call, repository: string): void {
    const own = [...this.tags.keys()].filter((name) => name.startsWith(`${repository}:`));
    const all = own.map((name) => name.slice(repository.length + 1)).sort();
    const last = query.get("last");
    const rest = last === null ? all : all.filter((tag) => tag > last);
    const tags = rest.slice(0, this.options.page);
    const next = `</v2/${repository}/tags/list?last=${tags.at(-1)}>; rel="next"`;
    const head = rest.length > tags.length ? { link: next } : {};
    reply(
      response,
      200,
      { "content-type": "application/json", ...head },
      Buffer.from(JSON.stringify({ name: repository, tags })),
    );
  }

  #referrers({ response }: Call, repository: string, subject: string): void {
    const manifests = [...this.manifests].flatMap(([name, { mediaType, bytes }]) => {
      const manifest = JSON.parse(bytes.toString()) as { subject?: { digest: string }; artifactType?: string };
      if (manifest.subject?.digest !== subject || !name.startsWith(`${repository}@`)) return [];
      return [{ mediaType, digest: sha256(bytes), size: bytes.length, artifactType: manifest.artifactType }];
    });
    const index = { schemaVersion: 2, mediaType: JSON_TYPE, manifests };
    reply(response, 200, { "content-type": JSON_TYPE }, Buffer.from(JSON.stringify(index)));
  }

  #check(holds: boolean, rule: string): void {
    if (!holds) this.violations.push(rule);
  }
}

export function reply(response: ServerResponse, status: number, headers: object = {}, body?: Uint8Array): void {
  const length = body === undefined ? {} : { "content-length": body.length };
  response.writeHead(status, { ...length, ...headers } as Record<string, string>).end(body);
}

export function error(code: string): Buffer {
  return Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll("_", " ") }] }));
}
