// Registries that are there, and silent: it is told, tried again, and given up in time.

import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyImage, type Descriptor, readBlob } from "../../oci/index.js";
import { RegistryClient, type RegistryClientOptions, type Repository } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { describeBytes, putImage } from "../helpers/sample-image.js";
import { type Call, StrictRegistry } from "../helpers/strict-registry.js";

const SHORT = { connection: 80, bytes: 80, answer: 80, commit: 80, notice: 20, rate: 1000 };
/** The first byte of TLS. */
const HANDSHAKE = 0x16;
const bytes = randomBytes(300_000);
const blob: Descriptor = describeBytes(bytes);
const closing: (() => unknown)[] = [];
let registry: StrictRegistry;
beforeEach(async () => {
  registry = await new StrictRegistry().start();
  registry.blobs.set(`app@${blob.digest}`, bytes);
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await registry.stop();
});

function place(options: RegistryClientOptions = {}, host = registry.host): Repository {
  const retry = { delay: 1, patience: 100 };
  const client = new RegistryClient({ environment: {}, routes: [], patience: SHORT, retry, ...options });
  closing.push(() => client.close());
  return client.repository({ registry: host, repository: "app" });
}

/** A server that hears requests in plain HTTP, and says nothing. */
async function silent(): Promise<{ readonly host: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((socket) => {
    closing.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.once("data", (data) => (data[0] === HANDSHAKE ? socket.destroy() : requests.push(String(data))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

test("S-209: no answer is told while it is waited for, tried again, and an error that says for what", async () => {
  const waits: [host: string, seconds: number][] = [];
  const { host, requests } = await silent();
  const options = { onWait: (...wait: [string, number]) => waits.push(wait), retry: { delay: 1, patience: 400 } };
  const resolving = place(options, host).resolve("1");
  await expect(resolving).rejects.toMatchObject({
    code: "registry_unreachable",
    message: `cannot reach ${host}: no answer within 0.08 s`,
  });
  expect(requests.length).toBeGreaterThan(1);
  expect(waits.length).toBeGreaterThanOrEqual(4);
  expect(waits.at(-1)).toEqual([host, 0]);
});

test("a registry that does not read an upload is given up", async () => {
  const large = randomBytes(8 << 20);
  registry.faults.push(({ method }) => method === "PUT");
  const content = async () => Readable.from([large], { objectMode: false });
  const putting = place().put(describeBytes(large), await content(), { reopen: content });
  await expect(putting).rejects.toMatchObject({
    message: expect.stringMatching(/: it took no byte of the request for 0\.08 s$/),
  });
});

test("a registry that does not say whether it stored an upload is given up", async () => {
  registry.faults.push(({ method, request }) => method === "PUT" && Boolean(request.resume()));
  const source = new MemoryStore();
  const root = await putImage(source, [randomBytes(1000)]);
  await expect(copyImage(root, source, place(), { tag: "1" })).rejects.toMatchObject({
    message: expect.stringMatching(/: no answer within 0\.08 s$/),
  });
});

test.each([
  ["", {}],
  [" of a large body", { threads: 1 }],
])("a download%s that stalls goes on by Range", async (_which, options) => {
  const ranges: (string | undefined)[] = [];
  registry.faults.push(({ method, request, response }: Call) => {
    if (method !== "GET") return false;
    ranges.push(request.headers.range);
    if (ranges.length > 1) return false;
    response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 100_000));
    return true;
  });
  expect((await readBlob(place(options), blob)).equals(bytes)).toBe(true);
  expect(ranges).toEqual([undefined, "bytes=100000-"]);
});

test("a download that only creeps is given up after as much time as one that is silent", async () => {
  registry.faults.push(({ method, response }: Call) => {
    if (method !== "GET") return false;
    response.writeHead(200, { "content-length": bytes.length });
    const timer = setInterval(() => response.write("x"), 10);
    response.once("close", () => clearInterval(timer));
    return true;
  });
  await expect(readBlob(place({ patience: { ...SHORT, answer: 5000, bytes: 150 } }), blob)).rejects.toMatchObject({
    code: "registry_unreachable",
    message: expect.stringMatching(/: only \d+ bytes of the answer came in 0\.15 s$/),
  });
  expect(registry.requests.length).toBeLessThan(5);
});

test.each([
  ["", {}],
  [" of a large body", { threads: 1 }],
])("a download%s that nobody reads for a while is not silent", async (_which, options) => {
  const large = randomBytes(9 << 20);
  registry.blobs.set(`app@${describeBytes(large).digest}`, large);
  const patience = { ...SHORT, answer: 5000, bytes: 300 }; // more than TCP takes to find that there is room again
  const content = await place({ ...options, patience, retry: { attempts: 1 } }).open(describeBytes(large));
  const chunks: Buffer[] = [];
  content.once("data", (chunk: Buffer) => (chunks.push(chunk), content.pause()));
  await sleep(450);
  for await (const chunk of content) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(large)).toBe(true);
});
