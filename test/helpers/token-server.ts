// A server of bearer tokens in this process, whose signatures the real registry accepts.
// https://distribution.github.io/distribution/spec/auth/jwt/

import { createSign, randomUUID, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Certificates } from "./registry.js";

export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** One line for each token that was asked for: `GET tester repository:app:pull`; without a user, `anonymous`. */
  readonly asked: string[];
  stop(): Promise<void>;
}

export interface TokenServerOptions {
  readonly certificates: Certificates;
  readonly username: string;
  readonly password: string;
  /** Accepted as a refresh token. */
  readonly identityToken?: string;
  /** Seconds. Default: 300. */
  readonly life?: number;
}

/** Gives `username` all that is asked for, and others leave to pull. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const asked: string[] = [];
  const names = { service: "tests", issuer: "tsbuild tests" };
  const server = createServer(async (request, response) => {
    const { user, scopes } = await readRequest(request, options);
    asked.push(`${request.method} ${user ?? "refused"} ${scopes.join(" ")}`);
    if (user === undefined)
      return response
        .writeHead(401)
        .end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "wrong user or password" }] }));
    const token = signToken({ ...names, ...options, user, scopes });
    response.end(JSON.stringify({ token, expires_in: options.life ?? 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { realm: `http://127.0.0.1:${port}/token`, ...names, asked, stop };
}

async function readRequest(
  request: IncomingMessage,
  { username, password, identityToken }: TokenServerOptions,
): Promise<{ user: string | undefined; scopes: string[] }> {
  if (request.method === "POST") {
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const known = form.get("grant_type") === "refresh_token" && form.get("refresh_token") === identityToken;
    return { user: known ? username : undefined, scopes: form.get("scope")?.split(" ") ?? [] };
  }
  const scopes = new URL(request.url ?? "", "http://localhost").searchParams.getAll("scope");
  const { authorization } = request.headers;
  if (authorization === undefined) return { user: "anonymous", scopes };
  const known = authorization === `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return { user: known ? username : undefined, scopes };
}

interface Grant extends TokenServerOptions {
  readonly service: string;
  readonly issuer: string;
  readonly user: string;
  readonly scopes: readonly string[];
}

function signToken({ certificates, service, issuer, user, scopes, username, life = 300 }: Grant): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions = ""] = scope.split(":");
    return { type, name, actions: user === username ? actions.split(",") : ["pull"] };
  });
  const certificate = new X509Certificate(readFileSync(certificates.cert)).raw.toString("base64");
  const header = { typ: "JWT", alg: "RS256", x5c: [certificate] };
  const claims = {
    iss: issuer,
    sub: user,
    aud: service,
    exp: now + life,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
    access,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = createSign("RSA-SHA256").update(text).sign(readFileSync(certificates.key));
  return `${text}.${signature.toString("base64url")}`;
}
