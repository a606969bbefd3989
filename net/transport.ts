// One HTTP exchange over node:http: connections are kept, bodies stream, proxies and certificates are found.
// https://www.rfc-editor.org/rfc/rfc9110

import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import { throwIfInterrupted } from "../oci/index.js";
import { Connections } from "./connections.js";
import { get, type GetResponse } from "./get.js";
import { noteProxy } from "./proxy-failure.js";
import { noteFailure, noteReached } from "./reached.js";
import { isBadHead } from "./response-head.js";
import { isHeldBack, type OnWait, type Patience, PATIENCE, type SilenceOptions, SilenceWatch } from "./silence.js";
import { type Environment, hostOf, isSocks, proxyFor } from "./proxy.js";
import { secureContextFor } from "./tls.js";
import { PlainTunnelAgent, proxyAuthorization, TunnelAgent } from "./tunnel.js";

type Silence = Pick<SilenceOptions, "host" | "patience" | "onWait">;

/** Bytes to send. A stream is opened for each try, and must have `size` bytes. */
export type Body = Uint8Array | { readonly size: number; readonly open: () => Promise<Readable> };

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly signal?: AbortSignal | undefined;
  /** Whether the server works on the body before it answers. @default false */
  readonly commits?: boolean;
}

/** The head of an answer, and its body to be read to the end or destroyed. */
export type HttpResponse = Readable & Pick<IncomingMessage, "statusCode" | "headers" | "headersDistinct">;

export interface TransportOptions {
  readonly environment: Environment;
  readonly userAgent: string;
  /** Certificates of these hosts (with port, if any) are not checked. */
  readonly isInsecure: (host: string) => boolean;
  /** How long it is waited for what. Default: `PATIENCE`. */
  readonly patience?: Partial<Patience> | undefined;
  readonly onWait?: OnWait | undefined;
  /** The error for a request that got no answer. */
  readonly unreachable: (request: HttpRequest, cause: unknown) => TsbuildError;
  /** As in `CertificateSources`. */
  readonly certificateDirectories?: readonly string[];
  /** As in `CertificateSources`. */
  readonly certificateDirectory?: string;
}

export class Transport {
  readonly #options: TransportOptions;
  readonly #agents = new Map<string, http.Agent>();
  readonly #connections: Connections;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { environment, isInsecure } = options;
    this.#connections = new Connections({ environment, isInsecure, certificates: certificatesOf(options) });
  }

  /**
   * Sends a request; resolves when the head of the answer is there, whatever its status. The caller reads the answer to its
   * end or destroys it.
   * @throws what `unreachable` makes, interrupted, and what opening or reading the body throws
   */
  async send(request: HttpRequest): Promise<IncomingMessage> {
    throwIfInterrupted(request.signal);
    const content = request.body && (await openBody(request.body));
    try {
      const response = await exchange(this.#optionsFor(request), content, this.#silence(request));
      noteReached(this.#peerOf(request));
      return response;
    } catch (error) {
      content?.destroy();
      throwIfInterrupted(request.signal);
      if (content?.errored) throw content.errored;
      throw error instanceof TsbuildError ? error : this.#unreachable(request, error);
    }
  }

  /** As `send`, for a GET of a body that will be read to its end: where that is possible, it takes half the work. */
  async get(request: Omit<HttpRequest, "method" | "body">): Promise<HttpResponse> {
    throwIfInterrupted(request.signal);
    const response = this.#connections.isFit(request.url) ? await this.#get(request) : undefined;
    if (response?.hasBody) return response;
    response?.destroy();
    return this.send({ ...request, method: "GET" });
  }

  /** Closes the connections that are kept. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
    this.#connections.close();
  }

  async #get(request: Omit<HttpRequest, "method" | "body">): Promise<GetResponse | undefined> {
    const { url, headers, signal } = request;
    const own = { "user-agent": this.#options.userAgent, ...headers };
    try {
      const silence = this.#silence(request);
      const response = await get({ url, headers: own, silence, signal }, this.#connections);
      noteReached(url);
      if (!response.hasBody && response.statusCode < 400) this.#connections.avoid(url);
      return response;
    } catch (error) {
      throwIfInterrupted(signal);
      if (error instanceof TsbuildError) throw error;
      if (!isBadHead(error)) throw this.#unreachable({ ...request, method: "GET" }, error);
      this.#connections.avoid(url);
      return undefined;
    }
  }

  #unreachable(request: HttpRequest, failure: unknown): TsbuildError {
    noteFailure(this.#peerOf(request), failure);
    noteProxy(failure, request.url, this.#options.environment);
    return this.#options.unreachable(request, failure);
  }

  /** What is connected to. */
  #peerOf({ url }: HttpRequest): URL {
    return proxyFor(url, this.#options.environment) ?? url;
  }

  #optionsFor({ method, url, headers, body, signal }: HttpRequest): RequestOptions {
    const proxy = proxyFor(url, this.#options.environment);
    const length = body && { "content-length": body instanceof Uint8Array ? body.length : body.size };
    const { headers: proxied, ...place } = target(url, proxy);
    return {
      ...place,
      method,
      agent: this.#agentFor(url, proxy),
      headers: { "user-agent": this.#options.userAgent, ...headers, ...length, ...proxied },
      ...(signal && { signal }),
    };
  }

  #silence({ url, commits = false }: Pick<HttpRequest, "url" | "commits">): Silence {
    const { onWait } = this.#options;
    const patience = { ...PATIENCE, ...this.#options.patience };
    return { host: url.host, onWait, patience: commits ? { ...patience, answer: patience.commit } : patience };
  }

  #agentFor(url: URL, proxy: URL | undefined): http.Agent {
    const key = `${url.origin} ${proxy?.href ?? ""}`;
    const agent = this.#agents.get(key) ?? this.#newAgent(url, proxy);
    this.#agents.set(key, agent);
    return agent;
  }

  #newAgent(url: URL, proxy: URL | undefined): http.Agent {
    const kept = { keepAlive: true, scheduling: "lifo" } as const;
    if (url.protocol === "http:")
      return proxy && isSocks(proxy) ? new PlainTunnelAgent(proxy, kept) : new http.Agent(kept);
    const { environment, isInsecure } = this.#options;
    const context = secureContextFor(url.host, { environment, ...certificatesOf(this.#options) });
    const secure = { ...kept, ...context, rejectUnauthorized: !isInsecure(url.host) };
    return proxy === undefined ? new https.Agent(secure) : new TunnelAgent(proxy, secure);
  }
}

function certificatesOf({ certificateDirectories, certificateDirectory }: TransportOptions) {
  return {
    ...(certificateDirectories && { directories: certificateDirectories }),
    ...(certificateDirectory !== undefined && { directory: certificateDirectory }),
  };
}

/** Bytes that are given at once: it is seen how far they went. */
const PIECE = 64 << 10;

function openBody(body: Body): Promise<Readable> | Readable {
  return body instanceof Uint8Array ? Readable.from(piecesOf(body), { objectMode: false }) : body.open();
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE) yield bytes.subarray(from, from + PIECE);
}

/** Plain http goes to a proxy as a request for the whole URL; https goes through a tunnel that the agent makes. */
function target(url: URL, proxy: URL | undefined): RequestOptions & { readonly headers?: Record<string, string> } {
  const path = url.pathname + url.search;
  if (proxy === undefined || url.protocol === "https:" || isSocks(proxy))
    return { protocol: url.protocol, hostname: hostOf(url), port: url.port, path };
  const headers = { host: url.host, ...proxyAuthorization(proxy) };
  return { protocol: "http:", hostname: hostOf(proxy), port: proxy.port, path: url.origin + path, headers };
}

function exchange(options: RequestOptions, content: Readable | undefined, silence: Silence): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = (options.protocol === "https:" ? https : http).request(options);
    outgoing.once("response", (response) => {
      if (content !== undefined && !content.readableEnded) stopSending(outgoing, content, response);
      resolve(response);
    });
    outgoing.on("error", reject);
    watchSilence(outgoing, silence);
    if (content === undefined) outgoing.end();
    else sendBody(outgoing, content);
  });
}

function watchSilence(outgoing: ClientRequest, silence: Silence): void {
  let body: IncomingMessage | undefined;
  const fail = (error: Error) => void (body ?? outgoing).destroy(error);
  const isSent = () => outgoing.writableFinished || outgoing.writableNeedDrain;
  const isHeld = () => (body ? isHeldBack(body) : !isSent());
  const watch = new SilenceWatch({ ...silence, fail, isHeld });
  outgoing.once("socket", (socket) => {
    watch.watch(socket);
    const connected = () => watch.enter(outgoing.writableFinished ? "answer" : "request");
    if (socket.connecting) socket.once(outgoing.protocol === "https:" ? "secureConnect" : "connect", connected);
    else connected();
  });
  outgoing.once("finish", () => outgoing.socket?.connecting || watch.enter("answer"));
  outgoing.on("information", () => watch.enter("answer"));
  outgoing.once("response", (response) => {
    body = response;
    watch.enter("body");
  });
  outgoing.once("close", () => watch.end());
}

function sendBody(outgoing: ClientRequest, content: Readable): void {
  content.once("error", (error) => outgoing.destroy(error));
  outgoing.once("close", () => content.destroy());
  content.pipe(outgoing);
}

/** An answer that comes before the whole body went is final: the rest is not sent, and the connection is not used again. */
function stopSending(outgoing: ClientRequest, content: Readable, response: IncomingMessage): void {
  content.unpipe(outgoing);
  content.destroy();
  response.once("close", () => outgoing.destroy());
}
