import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { copyImage, type Descriptor } from "../../oci/index.js";
import { RegistryClient } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { type Registry, startRegistry } from "../helpers/registry.js";
import { putImage } from "../helpers/sample-image.js";
import { reply, type ScriptedServer, startServer } from "../helpers/scripted-server.js";

let registry: Registry;
let broken: ScriptedServer;
let image: Descriptor;
const source = new MemoryStore();
const clients: RegistryClient[] = [];

function connect(mirrors: Record<string, string[]>): RegistryClient {
  const keychain = { credentials: async () => undefined };
  const client = new RegistryClient({ environment: {}, keychain, retry: { delay: 1, attempts: 2 }, mirrors });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  registry = await startRegistry();
  broken = await startServer(reply(503));
  image = await putImage(source, [randomBytes(100)]);
  await copyImage(image, source, connect({}).repository({ registry: registry.host, repository: "hub/library/app" }), {
    tag: "1",
  });
});
beforeEach(() => void (broken.requests.length = 0));
afterAll(async () => {
  clients.forEach((client) => client.close());
  await registry.stop();
  await broken.stop();
});

test("an image is read from a mirror, and its registry is not asked", async () => {
  const place = connect({ [broken.host]: [`${registry.host}/hub`] }).repository({
    registry: broken.host,
    repository: "library/app",
  });
  const target = new MemoryStore();
  await copyImage((await place.resolve("1"))!, place, target);
  expect(target.blobs.size).toBe(source.blobs.size);
  expect(broken.requests).toEqual([]);
});

test("a mirror that fails, or lacks the image, is passed over", async () => {
  const mirrors = [broken.host, "127.0.0.1:1", `${registry.host}/empty`];
  const place = connect({ [registry.host]: mirrors }).repository({
    registry: registry.host,
    repository: "hub/library/app",
  });
  expect(await place.resolve("1")).toEqual(image);
  expect(broken.requests).toEqual(Array(2).fill("HEAD /v2/hub/library/app/manifests/1"));
  const target = new MemoryStore();
  await copyImage(image, place, target);
  expect(target.blobs.size).toBe(source.blobs.size);
});

test("an image is written to its registry, not to a mirror", async () => {
  const place = connect({ [registry.host]: [broken.host] }).repository({
    registry: registry.host,
    repository: "written",
  });
  await copyImage(image, source, place);
  expect(broken.requests).toEqual([]);
});
