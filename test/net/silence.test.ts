// Hosts that accept and are silent, phase by phase.

import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { mayTryAgain, reasonOf, Transport } from "../../net/index.js";

const patience = { connection: 60, bytes: 60, answer: 60, commit: 150, notice: 20 };
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
