// Signs requests as S3-compatible servers want it: AWS Signature Version 4.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

import { createHash, createHmac } from "node:crypto";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Signable {
  readonly method: string;
  readonly url: URL;
  /** sha256 of the body, in hex. */
  readonly payload: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export const EMPTY_PAYLOAD = createHash("sha256").digest("hex");

/** The headers that make a request a signed one. The server checks all of them. */
export function signedHeaders(request: Signable, credentials: S3Credentials): Record<string, string> {
  const time = new Date(request.now).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const { sessionToken } = credentials;
  const headers = {
    host: request.url.host,
    "x-amz-content-sha256": request.payload,
    "x-amz-date": time,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(headers).join(";");
  const scope = `${time.slice(0, 8)}/${request.region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonicalRequest(request, headers))].join("\n");
  const signature = hmac(signingKey(credentials.secretAccessKey, scope), text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** The names of `headers` are sorted already. */
function canonicalRequest({ method, url, payload }: Signable, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value.trim()}\n`);
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  return [method, url.pathname, query.join("&"), lines.join(""), Object.keys(headers).join(";"), payload].join("\n");
}

/** `20260101/eu-west-1/s3/aws4_request`, one part after the other. */
function signingKey(secret: string, scope: string): Buffer {
  return scope.split("/").reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

/** As RFC 3986 has it: more than `encodeURIComponent` escapes. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
