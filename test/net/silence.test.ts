// Hosts that accept and are silent, phase by phase.

import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { mayTryAgain, reasonOf, Transport } from "../../net/index.js";

const patience = { connection: 60, bytes: 60, answer: 60, commit: 150, notice: 20, rate: 1000 };
let server: Server;
let transport: Transport;
beforeEach(async () => {
  server = createServer((socket) => void socket.on("error", () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const unreachable = (_request: unknown, cause: unknown) =>
    new TsbuildError("source_unreachable", reasonOf(cause).reason, { cause });
  transport = new Transport({ environment: {}, userAgent: "x", isInsecure: () => true, unreachable, patience });
});
afterEach(() => {
  transport.close();
  server.close();
});

const url = (scheme: string) => new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);

test.each(["send", "get"] as const)("%s() waits so long for a connection with TLS", async (how) => {
  const sent = transport[how]({ method: "GET", url: url("https") });
  await expect(sent).rejects.toMatchObject({ message: "no connection within 0.06 s" });
});

test.each(["send", "get"] as const)("%s() waits so long for an answer", async (how) => {
  const sent = transport[how]({ method: "GET", url: url("http") });
  await expect(sent).rejects.toMatchObject({ message: "no answer within 0.06 s" });
});

test("a server that works on what it was sent may take longer", async () => {
  const sent = transport.send({ method: "PUT", url: url("http"), body: Buffer.from("x"), commits: true });
  await expect(sent).rejects.toMatchObject({ message: "no answer within 0.15 s" });
});

test("silence is tried again until it was long enough, other failures as often as is allowed", async () => {
  const silence: unknown = await transport.send({ method: "GET", url: url("http") }).catch((error: unknown) => error);
  const ago = (milliseconds: number, tried = 1) => ({ tried, since: performance.now() - milliseconds });
  expect(mayTryAgain(silence, ago(119_000), {})).toBe(true);
  expect(mayTryAgain(silence, ago(121_000), {})).toBe(false);
  expect(mayTryAgain(silence, ago(20), { patience: 10 })).toBe(false);
  expect(mayTryAgain(new Error("reset"), ago(500_000), {})).toBe(true);
  expect(mayTryAgain(silence, ago(0, 5), {})).toBe(false);
});

/** Says `first`, then a byte every 10 milliseconds. */
function drip(first: string): void {
  server.removeAllListeners("connection");
  server.on("connection", (socket) => {
    const timer = setInterval(() => socket.write("x"), 10);
    socket.on("error", () => {}).on("close", () => clearInterval(timer));
    socket.resume().write(first);
  });
}

const COUNTED = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";

describe.each(["send", "get"] as const)("%s()", (how) => {
  const open = () => transport[how]({ method: "GET", url: url("http") });

  test.each([
    ["of a counted body", COUNTED],
    ["of a body in chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n"],
  ])("gives up a slow drip %s", async (_what, head) => {
    drip(head);
    const read = async () => {
      for await (const _ of await open());
    };
    const message: unknown = expect.stringMatching(/^only \d+ bytes of the answer came in 0\.06 s$/);
    await expect(read()).rejects.toMatchObject({ message, code: "ETIMEDOUT" });
  });

  test("gives up a head that comes in a slow drip", async () => {
    drip("HTTP/1.1 200 OK\r\nx-");
    await expect(open()).rejects.toMatchObject({ message: "no answer within 0.06 s" });
  });

  test("does not take its reader's slowness for the server's", async () => {
    drip(COUNTED);
    const response = await open();
    response.pause().on("data", () => {});
    await sleep(150);
    expect(response.errored).toBeNull();
    response.destroy();
  });
});

test("a server that takes a request in a slow drip is given up", async () => {
  const creeping = { ...patience, rate: 1e9, bytes: 400 };
  server.removeAllListeners("connection").on("connection", (socket) => {
    const timer = setInterval(() => socket.read(64 << 10), 2);
    socket.on("error", () => {}).on("close", () => clearInterval(timer));
  });
  const unreachable = (_request: unknown, cause: unknown) =>
    new TsbuildError("source_unreachable", reasonOf(cause).reason, { cause });
  const own = new Transport({
    environment: {},
    userAgent: "x",
    isInsecure: () => true,
    unreachable,
    patience: creeping,
  });
  const sent = own.send({ method: "PUT", url: url("http"), body: Buffer.alloc(64 << 20) });
  await expect(sent).rejects.toMatchObject({
    message: expect.stringMatching(/^it took only \d+ bytes of the request in 0\.4 s$/),
  });
  own.close();
});
