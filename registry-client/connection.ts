// Requests to one registry: where its API is, who we are, where it sends us.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import type { IncomingHttpHeaders } from "node:http";
import type { Body, Environment, HttpRequest, HttpResponse, Transport } from "../net/index.js";
import { readAnswer } from "./answer.js";
import { type Access, Authorizer } from "./authorizer.js";
import { expectPlain, PLAIN } from "./content-coding.js";
import { RegistryError, unexpected } from "./error.js";
import type { Keychain } from "./keychain.js";
import { redactUrl } from "./redact.js";
import { apiOrigin, mayBePlain } from "./scheme.js";

export interface RegistryRequest {
  readonly method: HttpRequest["method"];
  /** A path (`/v2/…`), or the URL that an answer gave. */
  readonly target: string | URL;
  readonly access: Access;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Statuses that are answers; any other is thrown. */
  readonly expect: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** As in `HttpRequest`. */
  readonly commits?: boolean;
  /** Bytes that a GET should bring, where that is known. */
  readonly size?: number;
  /** Whether the body of the answer will be read to its end, as fast as it comes. @default false */
  readonly isBlob?: boolean;
}

export interface RegistryResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, or destroyed. */
  readonly body: HttpResponse;
  /** What was asked last: `Location` may be relative to it. */
  readonly url: URL;
}

export interface ConnectionOptions {
  /** As in references: `docker.io`. */
  readonly registry: string;
  readonly keychain: Keychain;
  readonly transport: Transport;
  readonly isInsecure: (host: string) => boolean;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 5;

export class Connection {
  readonly registry: string;
  readonly #options: ConnectionOptions;
  readonly #authorizer: Authorizer;
  #origin: Promise<URL> | undefined;
  /** Whether anything came from the registry yet: until then its scheme is a guess. */
  #isMet = false;

  constructor(options: ConnectionOptions) {
    this.registry = options.registry;
    this.#options = options;
    this.#authorizer = new Authorizer({ ...options, allowPlain: (realm) => mayBePlain(realm, options) });
  }

  /** @throws RegistryError; an answer 401 is one only after a token or password that is fresh */
  async request(request: RegistryRequest): Promise<RegistryResponse> {
    const origin = await (this.#origin ??= apiOrigin(this.registry, this.#options));
    try {
      return await this.#exchange(request, origin);
    } catch (error) {
      if (!this.#isMet) this.#origin = undefined;
      throw await this.#authorizer.explained(error, request.access, origin);
    }
  }

  async #exchange(request: RegistryRequest, origin: URL): Promise<RegistryResponse> {
    const url = this.#locate(request.target, origin);
    let sent = await this.#authorizer.header(request.access);
    let response = await this.#follow(request, url, origin, sent);
    this.#isMet = true;
    if (response.status === 401 && (await this.#authorizer.learn(response.body, request.access, sent))) {
      response.body.resume();
      sent = await this.#authorizer.header(request.access);
      response = await this.#follow(request, url, origin, sent);
    }
    const renewed = response.status === 401 ? await this.#authorizer.renewed(request.access, sent) : undefined;
    if (renewed !== undefined) {
      response.body.resume();
      response = await this.#follow(request, url, origin, renewed);
    }
    const { method, expect, size } = request;
    if (!expect.includes(response.status)) throw await failureOf(method, response);
    if (method === "GET" && response.status < 300) expectPlain(response, size);
    return response;
  }

  /** Where an answer sends us. Hosts are kept from turning https into http (S-202, S-210). */
  resolveLocation({ headers: { location }, url }: Pick<RegistryResponse, "headers" | "url">): URL {
    if (location !== undefined && URL.canParse(location, url.href)) return this.#locate(new URL(location, url), url);
    throw new RegistryError(
      "registry_error",
      `${url.host}: expected a Location, found ${location === undefined ? "none" : "no URL"}`,
      { method: "GET", url },
    );
  }

  #locate(target: string | URL, base: URL): URL {
    const url = new URL(target, base);
    if (url.host === base.host) url.protocol = base.protocol; // a proxy in front of a registry may hide that it is https
    if (
      url.protocol === "https:" ||
      (url.protocol === "http:" && (base.protocol === "http:" || mayBePlain(url, this.#options)))
    )
      return url;
    throw new RegistryError("registry_error", `${base.host} sends to ${redactUrl(url)}: expected https`, {
      method: "GET",
      url,
    });
  }

  /** Sends, and goes where the answer points. Only the registry itself is told who we are (S-205). */
  async #follow(
    request: RegistryRequest,
    start: URL,
    origin: URL,
    authorization: string | undefined,
  ): Promise<RegistryResponse> {
    const { method, headers, body, signal, commits = false, isBlob } = request;
    let url = start;
    for (let hops = 0; ; hops++) {
      const own = authorization !== undefined && url.origin === origin.origin;
      const { transport } = this.#options;
      const exchange = { url, headers: { ...PLAIN, ...headers, ...(own && { authorization }) }, signal };
      const response = isBlob
        ? await transport.get(exchange)
        : await transport.send({ ...exchange, method, ...(body && { body }), commits });
      const answer = { status: response.statusCode ?? 0, headers: response.headers, body: response, url };
      if (!REDIRECTS.has(answer.status) || (method !== "GET" && method !== "HEAD")) return answer;
      response.resume();
      if (hops === MOST_REDIRECTS) throw tooManyRedirects(method, start, url);
      url = this.resolveLocation(answer);
    }
  }
}

async function failureOf(method: string, { url, body }: RegistryResponse): Promise<RegistryError> {
  return unexpected(await readAnswer({ method, url }, body));
}

function tooManyRedirects(method: string, start: URL, url: URL): RegistryError {
  const message = `${start.host} sends from one place to the next more than ${MOST_REDIRECTS} times, at last to ${redactUrl(url)}`;
  const hint = `Check the address of the registry, and what stands in front of ${start.host}.`;
  return new RegistryError("registry_error", message, { method, url: start, hint });
}
