// Large bodies over a real socket, and heads of answers as servers may write them.

import { readFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { parseResponseHead } from "../../net/response-head.js";
import { Transport, type TransportOptions } from "../../net/index.js";
import { makeCertificates } from "../helpers/registry.js";

const servers: { close(): void }[] = [];
const transports: Transport[] = [];
afterEach(() => {
  for (const each of [...servers.splice(0), ...transports.splice(0)]) each.close();
});

function transport(options: Partial<TransportOptions> = {}): Transport {
  const unreachable = (_request: unknown, cause: unknown) => new TsbuildError("source_unreachable", "none", { cause });
  const made = new Transport({
    environment: {},
    userAgent: "tests",
    isInsecure: () => false,
    unreachable,
    ...options,
  });
  transports.push(made);
  return made;
}

/** A server that answers each connection's request with `answer`. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<URL> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {}).once("data", (request) => answer(socket, String(request)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20b?c=d`);
}

const get = (url: URL, signal?: AbortSignal) =>
  transport().sendBulk({ method: "GET", url, headers: { x: "y" }, signal });

test("sendBulk() gives a body of several blocks, whatever the pieces that it comes in", async () => {
  const bytes = randomBytes(3_500_000);
  let asked = "";
  const url = await serve((socket, request) => {
    asked = request;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n`);
    setTimeout(() => socket.write(Buffer.concat([Buffer.from("X-Two: 1\r\nx-two: 2\r\n\r\n"), bytes])), 5);
  });
  const response = await get(url);
  expect(response).toMatchObject({ statusCode: 200, headers: { "x-two": "1, 2" } });
  expect((await buffer(response)).equals(bytes)).toBe(true);
  expect(asked.split("\r\n")).toEqual(
    expect.arrayContaining(["GET /a%20b?c=d HTTP/1.1", `host: ${url.host}`, "user-agent: tests", "x: y"]),
  );
});

test("sendBulk() passes over 100 Continue, and ends an empty body", async () => {
  const url = await serve((socket) =>
    socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
  );
  expect(await buffer(await get(url))).toHaveLength(0);
});

test("sendBulk() takes an answer of unknown length, and no HTTP, the usual way, and keeps to it", async () => {
  let connections = 0;
  const url = await serve((socket) => {
    connections += 1;
    socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  });
  const own = transport();
  for (const expected of [2, 3]) {
    expect(String(await buffer(await own.sendBulk({ method: "GET", url })))).toBe("hello");
    expect(connections).toBe(expected);
  }
  const other = await serve((socket) => socket.end("220 mail.example ESMTP\r\n\r\n"));
  await expect(get(other)).rejects.toMatchObject({ code: "source_unreachable" });
});

test("what came before a connection broke is given, then the failure", async () => {
  const url = await serve((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"));
  const chunks: string[] = [];
  const response = await get(url);
  const reading = (async () => {
    for await (const chunk of response) chunks.push(String(chunk));
  })();
  await expect(reading).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(chunks).toEqual(["hello"]);
});

test("an interrupt ends a body, and a request that has no answer yet", async () => {
  const abort = new AbortController();
  const url = await serve((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"));
  const response = await get(url, abort.signal);
  setTimeout(() => abort.abort(), 5);
  await expect(buffer(response)).rejects.toMatchObject({ name: "AbortError" });
  const silent = await serve(() => {});
  await expect(get(silent, AbortSignal.timeout(5))).rejects.toMatchObject({ code: "interrupted" });
});

test("a header that would be two is not sent", async () => {
  const url = await serve(() => {});
  const sent = transport().sendBulk({ method: "GET", url, headers: { x: "y\r\nz: 1" } });
  await expect(sent).rejects.toMatchObject({ cause: { code: "ERR_INVALID_CHAR" } });
});

test("sendBulk() over TLS checks the certificate as other requests do", async () => {
  const certificates = makeCertificates();
  const [cert, key] = [certificates.cert, certificates.key].map((path) => readFileSync(path));
  const bytes = randomBytes(2_000_000);
  const server = createSecureServer({ key, cert }, (_request, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/`);
  const trusting = transport({ environment: { SSL_CERT_FILE: certificates.ca } });
  expect((await buffer(await trusting.sendBulk({ method: "GET", url }))).equals(bytes)).toBe(true);
  await expect(transport().sendBulk({ method: "GET", url })).rejects.toMatchObject({ code: "source_unreachable" });
  const careless = transport({ isInsecure: () => true });
  expect((await buffer(await careless.sendBulk({ method: "GET", url }))).equals(bytes)).toBe(true);
  certificates.remove();
});

test("parseResponseHead() wants more until the head is whole, wherever it is cut", () => {
  const text = 'HTTP/1.1 206 Partial Content\r\nContent-Length:  12 \r\nETag: "a:b"\r\nempty:\r\n\r\nbody';
  const whole = Buffer.from(text);
  const head = parseResponseHead(whole)!;
  expect(head).toMatchObject({ status: 206, headers: { "content-length": "12", etag: '"a:b"', empty: "" } });
  expect(whole.subarray(head.length).toString()).toBe("body");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: head.length - 1 }), (cut) => {
      expect(parseResponseHead(whole.subarray(0, cut))).toBeUndefined();
    }),
  );
});

test.each([
  ["HTTP/2 200\r\n\r\n", "no status line"],
  ["HTTP/1.1 2000 OK\r\n\r\n", "no status line"],
  ["HTTP/1.1 200 OK\r\n folded\r\n\r\n", "a header without a name"],
  ["HTTP/1.1 200 OK\r\na b: c\r\n\r\n", "a header without a name"],
  [`HTTP/1.1 200 OK\r\na: ${"b".repeat(70_000)}`, "no status line"],
])("parseResponseHead() refuses %j", (text, found) => {
  expect(() => parseResponseHead(Buffer.from(text))).toThrow(`expected an answer in HTTP/1.1, found ${found}`);
});
