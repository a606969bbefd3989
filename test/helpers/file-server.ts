// An http server on loopback that gives files as a test says, and remembers what it was asked.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ServedFile {
  readonly content: string | Uint8Array;
  /** @default the sha256 of the content; "" sends none */
  readonly etag?: string;
  readonly lastModified?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer = ServedFile | ((request: IncomingMessage, response: ServerResponse) => void);

export class FileServer {
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();
  /** `GET /path 200`, in order. */
  readonly log: string[] = [];
  /** The heads of the requests, in order. */
  readonly requests: IncomingMessage[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response));
  }

  static async start(): Promise<FileServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FileServer(server);
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  /** Serves `answer` at `path` from now on. @returns its URL */
  serve(path: string, answer: Answer): string {
    this.#answers.set(path, answer);
    return this.url(path);
  }

  /** What it was asked since the last call. */
  takeLog(): string[] {
    return this.log.splice(0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url!.replace(/\?.*/, "");
    this.requests.push(request);
    response.once("close", () => this.log.push(`${request.method} ${request.url} ${response.statusCode}`));
    const answer = this.#answers.get(path);
    if (typeof answer === "function") answer(request, response);
    else if (answer) sendFile(answer, request, response);
    else response.writeHead(404).end("no such file");
  }
}

function sendFile(
  { content, etag, lastModified, headers }: ServedFile,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const tag = etag ?? `"${createHash("sha256").update(content).digest("hex")}"`;
  if (tag !== "") response.setHeader("etag", tag);
  if (lastModified !== undefined) response.setHeader("last-modified", lastModified);
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  const sent = request.headers["if-none-match"];
  const isUnchanged =
    sent === undefined
      ? lastModified !== undefined && request.headers["if-modified-since"] === lastModified
      : sent === tag;
  if (isUnchanged) response.writeHead(304).end();
  else response.writeHead(200, { "content-length": Buffer.byteLength(content) }).end(content);
}
