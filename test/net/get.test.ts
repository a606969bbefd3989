// GETs over a real socket, and heads of answers as servers may write them.

import { readFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { TsbuildError } from "../../errors.js";
import { framingOf } from "../../net/body-framing.js";
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

const get = (url: URL, signal?: AbortSignal) => transport().get({ url, headers: { x: "y" }, signal });

test("get() gives a body of several blocks, whatever the pieces that it comes in", async () => {
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

test("get() passes over 100 Continue, and ends an empty body", async () => {
  const url = await serve((socket) =>
    socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
  );
  expect(await buffer(await get(url))).toHaveLength(0);
});

test("get() takes an answer that the connection's end ends, and no HTTP, the usual way, and keeps to it", async () => {
  let connections = 0;
  const url = await serve((socket) => {
    connections += 1;
    socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello");
  });
  const own = transport();
  for (const expected of [2, 3]) {
    expect(String(await buffer(await own.get({ url })))).toBe("hello");
    expect(connections).toBe(expected);
  }
  const other = await serve((socket) => socket.end("220 mail.example ESMTP\r\n\r\n"));
  await expect(get(other)).rejects.toMatchObject({ code: "source_unreachable" });
});

test("get() uses a connection again, after bodies of any form", async () => {
  const bodies = [randomBytes(3), randomBytes(300_000), randomBytes(2_500_000), Buffer.alloc(0)];
  let connections = 0;
  let requests = 0;
  const url = await serve((socket) => {
    connections += 1;
    const answer = () => {
      const body = bodies[Math.floor(requests / 2)]!;
      if (requests++ % 2 === 0) return void socket.write(plain(body));
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      socket.write(body.length === 0 ? "0\r\n\r\n" : Buffer.concat([chunk(body), Buffer.from("0\r\nt: 1\r\n\r\n")]));
    };
    answer();
    socket.on("data", answer);
  });
  const own = transport();
  for (const body of bodies.flatMap((each) => [each, each]))
    expect((await buffer(await own.get({ url }))).equals(body)).toBe(true);
  expect([connections, requests]).toEqual([1, 8]);
});

const plain = (body: Uint8Array, head = "") =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}content-length: ${body.length}\r\n\r\n`), body]);
const chunk = (bytes: Uint8Array, extension = "") =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}${extension}\r\n`), bytes, Buffer.from("\r\n")]);

test.each([
  ["that closes it", (socket: Socket) => socket.write(plain(Buffer.from("a"), "connection: close\r\n"))],
  ["of HTTP/1.0", (socket: Socket) => socket.write("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na")],
  [
    "with more than its body",
    (socket: Socket) => socket.write(Buffer.concat([plain(Buffer.from("a")), plain(Buffer.from("b"))])),
  ],
  [
    "with more behind it",
    (socket: Socket) => {
      socket.write(plain(Buffer.from("a")));
      setTimeout(() => socket.write(plain(Buffer.from("b"))), 2);
    },
  ],
  [
    "whose connection is closed a moment later",
    (socket: Socket) => {
      socket.write(plain(Buffer.from("a")));
      setTimeout(() => socket.destroy(), 2);
    },
  ],
])("an answer %s leaves no connection", async (_what, answer) => {
  let closed = 0;
  const url = await serve((socket) => {
    socket.once("close", () => (closed += 1));
    answer(socket);
  });
  const own = transport();
  for (const expected of [1, 2]) {
    expect(String(await buffer(await own.get({ url })))).toBe("a");
    await vi.waitFor(() => expect(closed).toBe(expected));
  }
});

test("a request that the end of a kept connection met is sent again at once", async () => {
  let connections = 0;
  const url = await serve((socket) => {
    connections += 1;
    socket.write(plain(Buffer.from("a"))); // the next request finds it closed
    socket.once("data", () => socket.destroy());
  });
  const own = transport();
  for (let time = 0; time < 3; time++) expect(String(await buffer(await own.get({ url })))).toBe("a");
  expect(connections).toBe(3);
});

test("bodies in chunks are put together, wherever chunks and reads are cut", () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
  const extension = fc.constantFrom("", ";a=b", " ;x");
  fc.assert(
    fc.property(pieces, cuts, extension, (chunks, lengths, added) => {
      const sent = Buffer.concat([...chunks.map((each) => chunk(each, added)), Buffer.from("0\r\nx: y\r\n\r\n")]);
      const framing = chunkedBody();
      const block = Buffer.alloc(sent.length);
      let filled = 0;
      for (let at = 0, read = 0; at < sent.length; at += lengths[read++ % lengths.length]!) {
        const end = Math.min(sent.length, at + lengths[read % lengths.length]!);
        sent.copy(block, filled, at, end);
        filled += framing.take(block, filled, filled + end - at);
      }
      expect(block.subarray(0, filled).equals(Buffer.concat(chunks))).toBe(true);
      expect([framing.isOver, framing.hasSurplus]).toEqual([true, false]);
    }),
  );
});

test.each([
  ["g\r\n", "no size of a chunk"],
  ["\r\n", "no size of a chunk"],
  ["-1\r\n", "no size of a chunk"],
  ["1111111111111\r\n", "no size of a chunk"],
  ["1\n", "a line feed alone"],
  ["1\r\nab\r\n", "a chunk that is longer than it said"],
  ["a".repeat(70_000), "a line without an end"],
  [`0\r\n${`a: ${"b".repeat(1000)}\r\n`.repeat(70)}`, "trailers without an end"],
])("a body in chunks that begins with %j is refused", (text, found) => {
  const bytes = Buffer.from(text);
  expect(() => chunkedBody().take(bytes, 0, bytes.length)).toThrow(`expected a body in chunks, found ${found}`);
});

test.each([
  ["two lengths", { "content-length": ["1", "2"] }],
  ["a length and chunks", { "content-length": ["1"], "transfer-encoding": ["chunked"] }],
  ["another coding", { "transfer-encoding": ["gzip, chunked"] }],
  ["a length that is no number", { "content-length": ["+1"] }],
  ["none", {}],
])("a body of %s is none that can be read here", (_what, headersDistinct) => {
  expect(framingOf({ status: 200, headersDistinct })).toBeUndefined();
});

const chunkedBody = () => framingOf({ status: 200, headersDistinct: { "transfer-encoding": ["chunked"] } })!;

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
  const sent = transport().get({ url, headers: { x: "y\r\nz: 1" } });
  await expect(sent).rejects.toMatchObject({ cause: { code: "ERR_INVALID_CHAR" } });
});

test("get() over TLS checks the certificate as other requests do", async () => {
  const certificates = makeCertificates();
  const [cert, key] = [certificates.cert, certificates.key].map((path) => readFileSync(path));
  const bytes = randomBytes(2_000_000);
  const server = createSecureServer({ key, cert }, (_request, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/`);
  const trusting = transport({ environment: { SSL_CERT_FILE: certificates.ca } });
  expect((await buffer(await trusting.get({ url }))).equals(bytes)).toBe(true);
  await expect(transport().get({ url })).rejects.toMatchObject({ code: "source_unreachable" });
  const careless = transport({ isInsecure: () => true });
  expect((await buffer(await careless.get({ url }))).equals(bytes)).toBe(true);
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
