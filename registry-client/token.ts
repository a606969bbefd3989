// Bearer tokens: short-lived leave to do something in a repository (S-201).
// https://distribution.github.io/distribution/spec/auth/token/
// https://distribution.github.io/distribution/spec/auth/oauth/

import * as v from "valibot";
import type { HttpRequest, Transport } from "../net/index.js";
import type { Challenge } from "./challenge.js";
import { readAnswer, readText } from "./answer.js";
import { RegistryError, unexpected } from "./error.js";
import { redactUrl } from "./redact.js";
import type { Credentials } from "./keychain.js";

export interface Token {
  readonly text: string;
  /** Milliseconds since the epoch after which it is not used any more. */
  readonly expires: number;
}

export interface TokenRequest {
  readonly challenge: Challenge;
  /** `repository:library/alpine:pull` */
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  /** Whether the realm may be a plain http URL. */
  readonly allowPlain: (realm: URL) => boolean;
  readonly signal?: AbortSignal | undefined;
}

const tokenSchema = v.object({
  token: v.exactOptional(v.string()),
  access_token: v.exactOptional(v.string()),
  expires_in: v.exactOptional(v.number()),
});

/** Servers that say nothing mean a minute. */
const SHORTEST_LIFE = 60;
/** A token is not used in its last seconds: it has to arrive before it expires. */
const MARGIN = 10;

/** @throws unauthorized, registry_unreachable, registry_error */
export async function fetchToken(transport: Transport, request: TokenRequest): Promise<Token> {
  const { credentials } = request;
  if (credentials && "registryToken" in credentials)
    return { text: credentials.registryToken, expires: Number.POSITIVE_INFINITY };
  const exchange = tokenExchange(request);
  const response = await transport.send(exchange);
  if (response.statusCode !== 200) throw unexpected(await readAnswer(exchange, response));
  const { token, access_token, expires_in = 0 } = parseToken(exchange, await readText(exchange, response));
  const life = Math.max(expires_in, SHORTEST_LIFE) - MARGIN;
  return { text: token ?? access_token ?? "", expires: Date.now() + life * 1000 };
}

function tokenExchange(request: TokenRequest): HttpRequest {
  const { challenge, scopes, credentials, signal } = request;
  const realm = realmOf(request);
  const { service } = challenge.parameters;
  if (credentials && "identityToken" in credentials) {
    const form = {
      grant_type: "refresh_token",
      client_id: "tsbuild",
      refresh_token: credentials.identityToken,
      scope: scopes.join(" "),
      ...(service && { service }),
    };
    return {
      method: "POST",
      url: realm,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(new URLSearchParams(form).toString()),
      signal,
    };
  }
  if (service !== undefined) realm.searchParams.set("service", service);
  for (const scope of scopes) realm.searchParams.append("scope", scope);
  return { method: "GET", url: realm, ...(credentials && { headers: { authorization: basic(credentials) } }), signal };
}

/** Where tokens are: never over plain http for a registry that is not plain itself, since passwords go there. */
function realmOf({ challenge, allowPlain }: TokenRequest): URL {
  const { realm = "" } = challenge.parameters;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && allowPlain(url))) return url;
  const options = { method: "GET", url: url ?? new URL("https://invalid/") };
  const found = url?.origin === "null" ? redactUrl(url) : (url?.origin ?? "no URL");
  throw new RegistryError("unauthorized", `expected an https URL as the realm of tokens, found "${found}"`, options);
}

function parseToken(exchange: HttpRequest, text: string): v.InferOutput<typeof tokenSchema> {
  const result = v.safeParse(tokenSchema, parseJson(text));
  if (result.success && (result.output.token || result.output.access_token)) return result.output;
  throw new RegistryError(
    "unauthorized",
    `${exchange.url.host}: expected JSON with a token, found something else`,
    exchange,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The header for user and password. */
export function basic(credentials: Credentials | undefined): string {
  if (credentials === undefined || !("username" in credentials)) return "";
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}
