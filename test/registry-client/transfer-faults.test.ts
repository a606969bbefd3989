// A registry that fails in every way: each push and pull ends in the right image or in a clear error, and no partial blob is seen.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Layout } from "../../cache/index.js";
import { copyImage, type Descriptor, sha256 } from "../../oci/index.js";
import { RegistryClient, type RegistryClientOptions, type Repository } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { putImage } from "../helpers/sample-image.js";
import { type Call, error, type Fault, reply, StrictRegistry } from "../helpers/strict-registry.js";

const SIZE = 400_000;
let registry: StrictRegistry;
let directory: string;
let source: MemoryStore;
let layer: Descriptor;
let root: Descriptor;
const clients: RegistryClient[] = [];

beforeEach(async () => {
  registry = await new StrictRegistry().start();
  directory = mkdtempSync(join(tmpdir(), "tsbuild-faults-"));
  source = new MemoryStore();
  const bytes = randomBytes(SIZE);
  root = await putImage(source, [bytes]);
  layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: sha256(bytes), size: SIZE };
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await registry.stop();
  rmSync(directory, { recursive: true });
});

function place(options: RegistryClientOptions = {}): Repository {
  const keychain = { credentials: async () => ({ username: "me", password: "hunter2" }) };
  const client = new RegistryClient({ environment: {}, routes: [], keychain, retry: { delay: 1 }, ...options });
  clients.push(client);
  return client.repository({ registry: registry.host, repository: "app" });
}

const push = (options?: RegistryClientOptions) => copyImage(root, source, place(options), { tag: "1" });

/** What the layout shows, which has to be whole. */
function shown(): string[] {
  return readdirSync(join(directory, "blobs/sha256"), { recursive: true }).map(String);
}

const isLayer = ({ path }: Call) => path === `/v2/app/blobs/${layer.digest}`;
const once = (fault: Fault): Fault => {
  let isDone = false;
  return async (call, strict) => {
    if (isDone) return false;
    return (isDone = await fault(call, strict));
  };
};

async function expectPushed(): Promise<void> {
  expect(registry.violations).toEqual([]);
  expect(sha256(registry.blobs.get(`app@${layer.digest}`)!)).toBe(layer.digest);
  expect(registry.tags.get("app:1")).toBe(root.digest);
}

/** Takes bytes of a body up to a share of it, keeps them, and breaks the connection. */
const cutUpload =
  (share: number, isSent: (call: Call) => boolean): Fault =>
  async (call, strict) => {
    if (!isSent(call)) return false;
    const { socket } = call.request;
    const session = call.path.split("/").at(-1)!;
    let bytes = strict.uploads.get(session)!;
    const wanted = bytes.length + Math.floor(SIZE * share);
    for await (const chunk of call.request) {
      bytes = Buffer.concat([bytes, chunk as Buffer]).subarray(0, wanted);
      strict.uploads.set(session, bytes);
      if (bytes.length >= wanted) break;
    }
    socket.destroy();
    return true;
  };

const tenths = Array.from({ length: 10 }, (_, tenth) => tenth * 10);

describe("a push", () => {
  const isBody = ({ method, query }: Call) => method === "PUT" && query.get("digest") === layer.digest;

  test.each(tenths)("cut at %d percent goes on at the server's offset", async (percent) => {
    registry.faults.push(once(cutUpload(percent / 100, isBody)));
    await push();
    await expectPushed();
    const sessions = registry.requests.filter((line) => line.startsWith("POST"));
    expect(sessions).toHaveLength(2); // of the layer and the config
    const pieces = registry.requests.filter((line) => line.startsWith("PATCH"));
    expect(pieces).toHaveLength(percent === 0 ? 0 : 1);
  });

  test("cut again and again goes on, as long as something arrives", async () => {
    const cuts = Array.from({ length: 8 }, () =>
      once(cutUpload(0.1, ({ method }) => method === "PUT" || method === "PATCH")),
    );
    registry.faults.push(...cuts);
    await push({ retry: { delay: 1, attempts: 3 } });
    await expectPushed();
  });

  test("whose session is forgotten starts over", async () => {
    registry.faults.push(
      once(async (call, strict) => {
        const isCut = await cutUpload(0.5, isBody)(call, strict);
        if (isCut) strict.uploads.clear();
        return isCut;
      }),
    );
    await push();
    await expectPushed();
  });

  test("in pieces that is told another offset by 416 goes on there", async () => {
    registry.faults.push(
      once(({ method, request, response, path }, strict) => {
        if (method !== "PATCH" || !request.headers["content-range"]?.startsWith("100000-")) return false;
        request.resume();
        const session = path.split("/").at(-1)!;
        strict.uploads.set(session, strict.uploads.get(session)!.subarray(0, 50_000));
        reply(response, 416, {}, error("BLOB_UPLOAD_INVALID"));
        return true;
      }),
    );
    await push({ chunk: 100_000 });
    registry.violations.length = 0; // the piece that was refused went to a Location that is not the last any more
    await expectPushed();
  });

  test("refused as too large goes in pieces", async () => {
    registry.faults.push(({ method, request, response }) => {
      if (method !== "PUT" || Number(request.headers["content-length"]) < SIZE) return false;
      request.resume();
      reply(response, 413);
      return true;
    });
    await push();
    await expectPushed();
  });

  test("that meets 401 in its middle logs in, and sends the body again", async () => {
    registry.faults.push(
      once((call) => {
        if (!isBody(call)) return false;
        reply(call.response, 401, { "www-authenticate": 'Basic realm="tests"' });
        return true;
      }),
    );
    await push();
    await expectPushed();
  });

  test.each([408, 429, 500, 502, 503, 504])("S-209: that meets %d goes on", async (status) => {
    const fault: Fault = (call) => {
      call.request.resume();
      reply(call.response, status, { "retry-after": "0" });
      return true;
    };
    registry.faults.push(
      once(fault),
      once((call, strict) => isBody(call) && fault(call, strict)),
    );
    await push();
    await expectPushed();
  });

  test("whose registry says that it stored something else fails, and names no image", async () => {
    registry.faults.push(({ method, path, request, response }) => {
      if (method !== "PUT" || !path.includes("/manifests/")) return false;
      request.resume();
      reply(response, 201, { "docker-content-digest": sha256("other") });
      return true;
    });
    await expect(push()).rejects.toMatchObject({
      code: "registry_error",
      message: expect.stringMatching(
        /^127\.0\.0\.1:\d+ did not store what it was sent: expected sha256:\w+, it says sha256:/,
      ),
    });
    expect(registry.tags.size).toBe(0);
  });

  test.each([
    ["200 and a page", 200, "not there"],
    ["202", 202, "not there"],
    ["200, and has another image under the tag", 200, `is ${sha256("{}")}`],
  ])("whose manifest is answered by %s fails", async (_what, status, said) => {
    const isElsewhere = said.startsWith("is");
    registry.faults.push(({ method, path, request, response }) => {
      if (!path.includes("/manifests/")) return false;
      request.resume();
      if (method === "PUT") reply(response, status, { "content-type": "text/html" }, Buffer.from("<html>log in"));
      else if (isElsewhere)
        reply(response, 200, {
          "content-type": "application/vnd.oci.image.index.v1+json",
          "docker-content-digest": sha256("{}"),
          "content-length": 2,
        });
      else reply(response, 404);
      return true;
    });
    await expect(push()).rejects.toMatchObject({
      code: "registry_error",
      message: expect.stringMatching(`expected 201 for the manifest, found ${status}, and .*${said}`),
    });
  });

  test("whose manifest is answered by 202 and is there succeeds", async () => {
    registry.faults.push((call, strict) => {
      if (call.method !== "PUT" || !call.path.includes("/manifests/")) return false;
      const { writeHead } = call.response;
      call.response.writeHead = function (this: typeof call.response) {
        return writeHead.call(this, 202);
      } as typeof writeHead;
      return strict.handle(call).then(() => true);
    });
    await push();
    await expectPushed();
  });

  test.each([
    ["says that it stored another blob", 201, { "docker-content-digest": sha256("other") }],
    ["says that the digest is wrong", 400, {}],
  ])("of a whole image to a registry that %s blames the registry", async (_what, status, headers) => {
    registry.faults.push(({ method, query, request, response }) => {
      if (method !== "PUT" || query.get("digest") !== layer.digest) return false;
      const body = status === 400 ? error("DIGEST_INVALID") : undefined;
      request.resume().once("end", () => reply(response, status, headers, body));
      return true;
    });
    const layout = Layout.create(directory);
    await copyImage(root, source, layout);
    await expect(copyImage(root, layout, place(), { tag: "1" })).rejects.toMatchObject({
      code: "registry_error",
      message: expect.stringContaining("did not store what it was sent"),
      hint: expect.stringMatching(/^What was sent is whole: tell whoever runs 127/),
    });
  });

  test("of a damaged blob fails, and stores nothing", async () => {
    const layout = Layout.create(directory);
    await copyImage(root, source, layout);
    writeFileSync(layout.blobs.path(layer.digest), randomBytes(SIZE));
    await expect(copyImage(root, layout, place(), { tag: "1" })).rejects.toMatchObject({
      code: "digest_mismatch",
      message: expect.stringMatching(/^expected sha256:\w+ \(400000 bytes\), read sha256:/),
    });
    expect(registry.blobs.has(`app@${layer.digest}`)).toBe(false);
    expect(registry.tags.size).toBe(0);
  });

  test.each([
    ["does not compare", undefined, /^expected sha256:\w+ \(400000 bytes\), read sha256:/],
    ["says that it stored something else", sha256("other"), /read sha256:/],
  ])("of a damaged blob fails too when the registry %s", async (_what, stored, message) => {
    const layout = Layout.create(directory);
    await copyImage(root, source, layout);
    writeFileSync(layout.blobs.path(layer.digest), randomBytes(SIZE));
    registry.faults.push(({ method, query, request, response }) => {
      if (method !== "PUT" || query.get("digest") !== layer.digest) return false;
      request.resume().once("end", () => reply(response, 201, stored ? { "docker-content-digest": stored } : {}));
      return true;
    });
    await expect(copyImage(root, layout, place(), { tag: "1" })).rejects.toMatchObject({
      code: "digest_mismatch",
      message: expect.stringMatching(message),
    });
    expect(registry.tags.size).toBe(0);
  });

  test("of a blob that is right succeeds when the registry does not say what it stored", async () => {
    const layout = Layout.create(directory);
    await copyImage(root, source, layout);
    const quiet = await new StrictRegistry({ saysDigests: false }).start();
    await registry.stop();
    registry = quiet;
    await copyImage(root, layout, place(), { tag: "1" });
    await expectPushed();
  });
});

describe.each([
  ["", undefined],
  [" of a large body", 1],
])("a pull%s", (_which, threads) => {
  beforeEach(() => push());
  const large = threads === undefined ? {} : { threads };
  const pull = async (options?: RegistryClientOptions): Promise<Layout> => {
    const layout = Layout.create(directory);
    await copyImage(root, place({ ...large, ...options }), layout, { tag: "1" });
    return layout;
  };

  /** Sends a share of what is asked for, and breaks the connection. */
  const cutDownload =
    (share: number): Fault =>
    (call, strict) => {
      if (!isLayer(call) || call.method !== "GET") return false;
      const bytes = strict.blobs.get(`app@${layer.digest}`)!;
      const start = Number(/\d+/.exec(call.request.headers.range ?? "0")![0]);
      const end = Math.min(SIZE, start + Math.floor(SIZE * share));
      const range = { "content-range": `bytes ${start}-${SIZE - 1}/${SIZE}` };
      call.response.writeHead(start > 0 ? 206 : 200, { "content-length": SIZE - start, ...(start > 0 && range) });
      call.response.write(bytes.subarray(start, end), () => setTimeout(() => call.response.destroy(), 5));
      return true;
    };

  test.each(tenths)("cut at %d percent goes on by Range, with what came verified", async (percent) => {
    registry.faults.push(once(cutDownload(percent / 100)));
    const layout = await pull();
    expect(await layout.has(layer)).toBe(true);
    expect(registry.violations).toEqual([]);
  });

  test("cut before anybody reads goes on", async () => {
    registry.faults.push(once(cutDownload(0.3)));
    const content = await place(large).open(layer);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk as Buffer);
    expect(sha256(Buffer.concat(chunks))).toBe(layer.digest);
  });

  test("cut at every tenth goes on", async () => {
    registry.faults.push(...Array.from({ length: 9 }, () => once(cutDownload(0.1))));
    expect(await (await pull({ retry: { delay: 1, attempts: 2 } })).has(layer)).toBe(true);
  });

  const lies: [what: string, answer: (bytes: Buffer, call: Call) => void, expected: RegExp][] = [
    ["other bytes", (bytes, { response }) => reply(response, 200, {}, Buffer.alloc(bytes.length)), /^expected sha256:/],
    ["fewer bytes", (bytes, { response }) => reply(response, 200, {}, bytes.subarray(1)), /\(399999 bytes\)$/],
    [
      "more bytes",
      (bytes, { response }) => reply(response, 200, {}, Buffer.concat([bytes, bytes])),
      /at least \d+ bytes$/,
    ],
    [
      "a Content-Length that is too large",
      (bytes, { response }) => {
        response.writeHead(200, { "content-length": bytes.length + 10 });
        response.write(bytes, () => setTimeout(() => response.destroy(), 5));
      },
      /connection closed|at least/,
    ],
    [
      "a Range that is not the one asked for",
      (bytes, call) => {
        if (call.request.headers.range === undefined) return void cutDownload(0.5)(call, registry);
        const range = { "content-range": `bytes 0-${bytes.length - 1}/${bytes.length}` };
        reply(call.response, 206, range, bytes.subarray(0, SIZE / 2));
      },
      /expected/,
    ],
  ];
  test.each(lies)("S-206: of %s fails, and shows no blob", async (_what, answer, expected) => {
    registry.faults.push((call, strict) => {
      if (!isLayer(call) || call.method !== "GET") return false;
      answer(strict.blobs.get(`app@${layer.digest}`)!, call);
      return true;
    });
    await expect(pull({ retry: { delay: 1, attempts: 3 } })).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:digest_mismatch|registry_unreachable|registry_error)$/),
      message: expect.stringMatching(expected),
    });
    expect(shown()).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.includes("blob."))).toEqual([]);
  });

  test("S-205: sent to another host tells it nothing of us", async () => {
    const storage = await new StrictRegistry().start();
    storage.blobs.set(`app@${layer.digest}`, registry.blobs.get(`app@${layer.digest}`)!);
    const asked: (string | undefined)[] = [];
    storage.faults.push(({ request }) => (asked.push(request.headers.authorization), false));
    registry.faults.push((call) => {
      if (call.request.headers.authorization === undefined) {
        reply(call.response, 401, { "www-authenticate": 'Basic realm="tests"' });
        return true;
      }
      if (!isLayer(call) || call.method !== "GET") return false;
      reply(call.response, 307, { location: `http://${storage.host}/v2/app/blobs/${layer.digest}` });
      return true;
    });
    expect(await (await pull()).has(layer)).toBe(true);
    expect(asked).toEqual([undefined]);
    await storage.stop();
  });

  test("in a slow drip arrives", async () => {
    registry.faults.push((call, strict) => {
      if (!isLayer(call) || call.method !== "GET") return false;
      const bytes = strict.blobs.get(`app@${layer.digest}`)!;
      call.response.writeHead(200, { "content-length": SIZE });
      let at = 0;
      const timer = setInterval(() => {
        call.response.write(bytes.subarray(at, (at += SIZE / 40)));
        if (at < SIZE) return;
        clearInterval(timer);
        call.response.end();
      }, 5);
      return true;
    });
    expect(await (await pull()).has(layer)).toBe(true);
  });

  test("S-206: of a manifest of more than 4 MiB fails before it is read", async () => {
    registry.faults.push(({ path, response }) => {
      if (!path.includes("/manifests/1")) return false;
      const type = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
      response.writeHead(200, type).end(Buffer.alloc(5 << 20, 32));
      return true;
    });
    await expect(place().resolve("1")).rejects.toMatchObject({ code: "bad_manifest" });
  });

  test("keeps to its limit: two at once, and no more", async () => {
    const blobs = Array.from({ length: 6 }, () => randomBytes(1000));
    const many = await putImage(source, blobs);
    await copyImage(many, source, place(), { tag: "many" });
    let [now, most] = [0, 0];
    registry.faults.push(async ({ method, path }) => {
      if (method !== "GET" || !path.includes("/blobs/")) return false;
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      now -= 1;
      return false;
    });
    const layout = Layout.create(directory);
    await copyImage(many, place({ transfers: 2 }), layout, { tag: "many", jobs: 6 });
    expect(most).toBe(2);
  });
});
