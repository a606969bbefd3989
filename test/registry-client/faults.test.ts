import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { copyBlob, MediaType, readBlob, sha256 } from "../../oci/index.js";
import { RegistryClient, type RegistryClientOptions, type Repository } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { describeBytes, putBytes } from "../helpers/sample-image.js";
import { type Answer, inTurn, reply, type ScriptedServer, startServer } from "../helpers/scripted-server.js";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

async function serve(answer: Answer): Promise<ScriptedServer> {
  const server = await startServer(answer);
  ending.push(server.stop);
  return server;
}

async function repositoryOf(
  answer: Answer,
  options: RegistryClientOptions = {},
): Promise<{ server: ScriptedServer; place: Repository }> {
  const server = await serve(answer);
  const client = new RegistryClient({
    environment: {},
    keychain: { credentials: async () => ({ username: "me", password: "hunter2" }) },
    retry: { delay: 1 },
    ...options,
  });
  ending.push(() => client.close());
  return { server, place: client.repository({ registry: server.host, repository: "app" }) };
}

const collect = async (content: Readable) => Buffer.concat(await content.toArray());
const cut: Answer = (request) => request.socket.destroy();
const bytes = randomBytes(500_000);
const blob = describeBytes(bytes);
const blobPath = `/v2/app/blobs/${blob.digest}`;

describe("pulling", () => {
  /** Sends half, and breaks. */
  const half: Answer = (_request, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 250_000), () => setTimeout(() => response.destroy(), 20));
  };

  test("a broken download goes on by Range", async () => {
    const rest: Answer = (request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1]);
      response
        .writeHead(206, { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
        .end(bytes.subarray(from));
    };
    const { server, place } = await repositoryOf(inTurn(half, rest));
    expect((await collect(await place.open(blob))).equals(bytes)).toBe(true);
    expect(server.headers.map(({ range }) => range)).toEqual([undefined, "bytes=250000-"]);
  });

  test("a broken download goes on where the server knows no Range", async () => {
    const { place } = await repositoryOf(inTurn(half, reply(200, {}, bytes)));
    expect((await collect(await place.open(blob))).equals(bytes)).toBe(true);
  });

  test.each<[string, Answer, number]>([
    ["refuses the Range", reply(416, { "content-range": "bytes */5" }), 3],
    ["begins behind it", reply(206, { "content-range": "bytes 300000-499999/500000" }, bytes.subarray(300_000)), 3],
    ["does not say where it begins", reply(206, {}, bytes.subarray(250_007)), 3],
    ["begins before it", reply(206, { "content-range": "bytes 100-499999/500000" }, bytes.subarray(100)), 2],
  ])("a broken download goes on where the server %s", async (_what, answer, requests) => {
    const { server, place } = await repositoryOf(inTurn(half, answer, reply(200, {}, bytes)));
    expect((await collect(await place.open(blob))).equals(bytes)).toBe(true);
    const ranges = [undefined, "bytes=250000-", undefined];
    expect(server.headers.map(({ range }) => range)).toEqual(ranges.slice(0, requests));
  });

  test("nothing is to be compressed on the way, and what is, is named", async () => {
    const { server, place } = await repositoryOf(reply(200, { "content-encoding": "gzip" }, gzipSync(bytes)));
    await expect(place.open(blob)).rejects.toMatchObject({
      code: "registry_error",
      message: `${server.host} sent with "Content-Encoding: gzip" what was asked for without`,
    });
    expect(server.headers[0]).toMatchObject({ "accept-encoding": "identity" });
  });

  test("a layer that its store calls encoded, and that is as long as it should be, is taken", async () => {
    const { place } = await repositoryOf(
      reply(200, { "content-encoding": "gzip", "content-length": bytes.length }, bytes),
    );
    expect((await collect(await place.open(blob))).equals(bytes)).toBe(true);
  });

  test("the head of a compressed manifest does not say how long it is", async () => {
    const manifest = gzipSync("{}");
    const head = { "content-type": MediaType.manifest, "docker-content-digest": sha256("{}") };
    const { place } = await repositoryOf(reply(200, { ...head, "content-encoding": "gzip" }, manifest));
    await expect(place.resolve("1")).rejects.toMatchObject({ code: "registry_error" });
  });

  test("a download whose answers bring nothing is given up", async () => {
    const empty: Answer = (_request, response) => {
      response.writeHead(200, { "content-length": bytes.length }).flushHeaders();
      setTimeout(() => response.destroy(), 5);
    };
    const { server, place } = await repositoryOf(empty, { retry: { delay: 1, attempts: 3 } });
    await expect(collect(await place.open(blob))).rejects.toMatchObject({
      code: "registry_unreachable",
      message: `cannot reach ${server.host}: connection closed by the other side`,
    });
    expect(server.requests).toHaveLength(3);
  });

  test("a download that brings nothing more is given up", async () => {
    const { server, place } = await repositoryOf(inTurn(half, cut), { retry: { delay: 1, attempts: 3 } });
    await expect(collect(await place.open(blob))).rejects.toMatchObject({ code: "registry_unreachable" });
    expect(server.requests.length).toBeLessThan(12);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["other bytes", Buffer.alloc(500_000), /^expected sha256:\w+ \(500000 bytes\), read sha256:\w+ \(500000 bytes\)$/],
    ["too few bytes", bytes.subarray(1), /read sha256:\w+ \(499999 bytes\)$/],
    ["too many bytes", Buffer.concat([bytes, Buffer.alloc(100_000)]), /read at least \d+ bytes$/],
  ])("S-206: %s are digest_mismatch", async (_what, content, message) => {
    const { place } = await repositoryOf(reply(200, {}, content));
    await expect(collect(await place.open(blob))).rejects.toMatchObject({
      code: "digest_mismatch",
      message: expect.stringMatching(message),
    });
  });

  test("S-205: a redirect to another host is followed without Authorization", async () => {
    const storage = await serve(reply(200, {}, bytes));
    const challenge = reply(401, { "www-authenticate": 'Basic realm="x"' });
    const redirect = reply(307, { location: `http://${storage.host}/bucket?X-Amz-Signature=abc` });
    const { server, place } = await repositoryOf((request, response) =>
      (request.headers.authorization ? redirect : challenge)(request, response),
    );
    expect((await collect(await place.open(blob))).equals(bytes)).toBe(true);
    expect(server.headers[1]?.authorization).toMatch(/^Basic /);
    expect(storage.requests).toEqual(["GET /bucket?X-Amz-Signature=abc"]);
    expect(storage.headers[0]?.authorization).toBeUndefined();
  });

  test("a refused redirect is told without its signature", async () => {
    const storage = await serve(reply(403, {}, "<Error>denied</Error>"));
    const { place } = await repositoryOf(reply(307, { location: `http://${storage.host}/bucket?X-Amz-Signature=abc` }));
    await expect(place.open(blob)).rejects.toMatchObject({
      message: `${storage.host} answered 403 to GET http://${storage.host}/bucket?X-Amz-Signature=REDACTED`,
    });
  });

  test("a redirect to itself ends", async () => {
    const { server, place } = await repositoryOf((request, response) =>
      reply(302, { location: request.url ?? "" })(request, response),
    );
    await expect(place.open(blob)).rejects.toMatchObject({
      code: "registry_error",
      message: expect.stringMatching(/ sends from one place to the next more than 5 times, at last to http/),
    });
    expect(server.requests).toHaveLength(6);
  });

  test("a foreign layer that the registry does not have is named", async () => {
    const { server, place } = await repositoryOf(reply(404));
    const foreign = { ...blob, mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" };
    await expect(place.open(foreign)).rejects.toMatchObject({
      code: "blob_not_found",
      message: `${server.host}/app has no blob ${blob.digest}, a foreign layer, which is not fetched from its urls`,
    });
  });

  test("a realm that is no URL of tokens is told as it is", async () => {
    const { place } = await repositoryOf(reply(401, { "www-authenticate": 'Bearer realm="file:///etc/passwd"' }));
    await expect(place.open(blob)).rejects.toMatchObject({
      message: 'expected an https URL as the realm of tokens, found "file:///etc/passwd"',
    });
  });

  test("resolve() measures the manifest where HEAD says too little", async () => {
    const manifest = JSON.stringify({ schemaVersion: 2, config: blob, layers: [] });
    const { place } = await repositoryOf(
      reply(200, { "content-type": `${MediaType.manifest}; charset=utf-8` }, manifest),
    );
    expect(await place.resolve("1")).toEqual({
      mediaType: MediaType.manifest,
      digest: sha256(manifest),
      size: manifest.length,
    });
  });

  test("S-206: resolve() by digest does not take another digest for an answer", async () => {
    const { place } = await repositoryOf(
      reply(
        200,
        { "content-type": MediaType.manifest, "docker-content-digest": sha256("other"), "content-length": 5 },
        "other",
      ),
    );
    await expect(place.resolve(blob.digest)).rejects.toMatchObject({ code: "digest_mismatch" });
  });

  test("a manifest of the old schema is refused by name", async () => {
    const { place } = await repositoryOf(
      reply(200, { "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws" }, "{}"),
    );
    await expect(place.resolve("1")).rejects.toMatchObject({
      code: "bad_manifest",
      message: expect.stringContaining("manifest.v1+prettyjws"),
    });
  });

  test("S-206: a manifest of more than 4 MiB is not read", async () => {
    const { server, place } = await repositoryOf(reply(200));
    await expect(
      readBlob(place, { mediaType: MediaType.manifest, digest: blob.digest, size: 5 << 20 }),
    ).rejects.toMatchObject({ code: "bad_manifest" });
    expect(server.requests).toEqual([]);
  });
});

describe("retries", () => {
  test.each([408, 429, 500, 502, 503, 504])("S-209: %d is tried again", async (status) => {
    const { server, place } = await repositoryOf(inTurn(reply(status), reply(status), reply(404)));
    expect(await place.has(blob)).toBe(false);
    expect(server.requests).toEqual(Array(3).fill(`HEAD ${blobPath}`));
  });

  test("S-209: a broken connection is tried again", async () => {
    const { place } = await repositoryOf(inTurn(cut, cut, reply(200)));
    expect(await place.has(blob)).toBe(true);
  });

  test("S-209: Retry-After is waited for", async () => {
    const { place } = await repositoryOf(inTurn(reply(429, { "retry-after": "1" }), reply(200)));
    const start = performance.now();
    expect(await place.has(blob)).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  test("a Retry-After of an hour is told, not waited for", async () => {
    const said = JSON.stringify({
      errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your\n pull rate \u001b[31mlimit" }],
    });
    const { server, place } = await repositoryOf(reply(429, { "retry-after": "3600" }, said));
    await expect(place.open(blob)).rejects.toMatchObject({
      code: "registry_error",
      status: 429,
      codes: ["TOOMANYREQUESTS"],
      retryAfter: 3_600_000,
      hint: "Wait, or log in with an account that has a higher limit.",
      message: `${server.host} answered 429 to GET http://${server.host}${blobPath}: TOOMANYREQUESTS: You have reached your pull rate [31mlimit`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test("what fails five times fails", async () => {
    const { server, place } = await repositoryOf(reply(503));
    await expect(place.has(blob)).rejects.toMatchObject({ code: "registry_error", status: 503 });
    expect(server.requests).toHaveLength(5);
  });

  test("a config is asked for once, other blobs each time", async () => {
    const { server, place } = await repositoryOf(reply(200, {}, bytes));
    const config = { ...blob, mediaType: MediaType.config };
    for (const each of [config, config, blob, { ...blob, mediaType: MediaType.layer }])
      expect((await collect(await place.open(each))).equals(bytes)).toBe(true);
    expect(server.requests).toHaveLength(3);
  });

  test("a config that is expected is fetched at once, and what fails of that is told when it is opened", async () => {
    const config = { ...blob, mediaType: MediaType.config };
    const good = await repositoryOf(reply(200, {}, bytes));
    good.place.expect(config);
    good.place.expect(config);
    expect((await collect(await good.place.open(config))).equals(bytes)).toBe(true);
    expect((await collect(await good.place.open(config))).equals(bytes)).toBe(true);
    expect(good.server.requests).toHaveLength(1);
    const bad = await repositoryOf(reply(404));
    bad.place.expect(config);
    await expect(bad.place.open(config)).rejects.toMatchObject({ code: "blob_not_found" });
  });

  test("a registry that restarts is waited for", async () => {
    const { server, place } = await repositoryOf(reply(200), { retry: { delay: 100 } });
    expect(await place.has(describeBytes("other"))).toBe(true);
    await server.stop();
    setTimeout(
      async () => ending.push((await startServer(reply(200), undefined, Number(server.host.split(":")[1]))).stop),
      250,
    );
    expect(await place.has(blob)).toBe(true);
  });

  test("nobody there is registry_unreachable", async () => {
    const { server, place } = await repositoryOf(reply(200));
    await server.stop();
    await expect(place.resolve("1")).rejects.toMatchObject({
      code: "registry_unreachable",
      message: `cannot reach ${server.host}: connection refused`,
      hint: "Check that the registry is running, and its port.",
    });
  });
});

describe("pushing", () => {
  const source = new MemoryStore();
  const session = reply(202, { location: "/upload/1?_state=a%2Bb%3D" });
  const byMethod =
    (answers: Record<string, Answer>): Answer =>
    (request, response) =>
      answers[request.method!]!(request, response);
  const put = async (place: Repository, options: { replay: boolean }) => {
    await putBytes(source, bytes);
    const reopen = () => source.open(blob);
    await place.put(blob, await reopen(), options.replay ? { reopen } : {});
  };

  test("S-202: a relative Location with a query gets the digest appended", async () => {
    const { server, place } = await repositoryOf(byMethod({ POST: session, PUT: reply(201) }));
    await put(place, { replay: false });
    expect(server.requests).toEqual([
      "POST /v2/app/blobs/uploads/",
      `PUT /upload/1?_state=a%2Bb%3D&digest=${encodeURIComponent(blob.digest)}`,
    ]);
    expect(server.headers[1]).toMatchObject({ "content-length": "500000", "content-type": "application/octet-stream" });
  });

  test("S-203: mount answered by 202 opens the session that put uses", async () => {
    const { server, place } = await repositoryOf(byMethod({ POST: session, PUT: reply(201) }));
    expect(await place.mount(blob, "base")).toBe(false);
    await put(place, { replay: false });
    expect(server.requests.map((request) => request.slice(0, 6))).toEqual(["POST /", "PUT /u"]);
    expect(server.requests[0]).toBe(`POST /v2/app/blobs/uploads/?mount=${blob.digest}&from=base`);
  });

  test.each([400, 401, 403, 404, 405])("mount answered by %d is no mount, and no failure", async (status) => {
    const { place } = await repositoryOf(reply(status));
    expect(await place.mount(blob, "base")).toBe(false);
  });

  test.each<[string, Answer]>([
    ["503", reply(503)],
    ["a broken connection", cut],
  ])("S-209: an upload that ends in %s starts over in a new session", async (_what, fault) => {
    const { server, place } = await repositoryOf(
      byMethod({ POST: session, PUT: inTurn(fault, reply(201)), GET: reply(404) }),
    );
    await put(place, { replay: true });
    expect(server.requests.map((request) => request.slice(0, 6))).toEqual([
      "POST /",
      "PUT /u",
      "GET /u",
      "POST /",
      "PUT /u",
    ]);
  });

  test("an upload whose content fails, fails as the content did", async () => {
    const { place } = await repositoryOf(byMethod({ POST: session, PUT: reply(201) }));
    const failing = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 1000);
        throw new Error("disk on fire");
      })(),
    );
    await expect(place.put(blob, failing)).rejects.toThrow(/^disk on fire$/);
  });

  test("an upload that cannot be read again is not tried again", async () => {
    const { server, place } = await repositoryOf(byMethod({ POST: session, PUT: cut }));
    await expect(put(place, { replay: false })).rejects.toMatchObject({ code: "registry_unreachable" });
    expect(server.requests).toHaveLength(2);
  });

  test("S-201: a token that expires during an upload is fetched again", async () => {
    const realm = await serve(inTurn(reply(200, {}, '{"token":"one"}'), reply(200, {}, '{"token":"two"}')));
    const challenge = reply(401, { "www-authenticate": `Bearer realm="http://${realm.host}/token",service="s"` });
    const { server, place } = await repositoryOf((request, response) => {
      const { authorization } = request.headers;
      if (authorization === undefined || (request.method === "PUT" && authorization === "Bearer one"))
        return challenge(request, response);
      return (request.method === "POST" ? session : reply(201))(request, response);
    });
    await put(place, { replay: true });
    expect(server.headers.map(({ authorization }) => authorization)).toEqual([
      undefined,
      "Bearer one",
      "Bearer one",
      "Bearer two",
    ]);
    expect(realm.requests).toEqual(Array(2).fill("GET /token?service=s&scope=repository%3Aapp%3Apull%2Cpush"));
  });

  test("S-209: 401 after a fresh token is final", async () => {
    const realm = await serve(reply(200, {}, '{"access_token":"one"}'));
    const { server, place } = await repositoryOf(
      reply(401, { "www-authenticate": `Bearer realm="http://${realm.host}/token"` }),
    );
    await expect(put(place, { replay: true })).rejects.toMatchObject({ code: "unauthorized" });
    expect(server.requests).toHaveLength(2);
  });

  test("passwords are not sent to a plain http realm elsewhere", async () => {
    const { place } = await repositoryOf(
      reply(401, { "www-authenticate": 'Bearer realm="http://tokens.example.com/"' }),
    );
    await expect(place.has(blob)).rejects.toMatchObject({
      code: "unauthorized",
      message: 'expected an https URL as the realm of tokens, found "http://tokens.example.com"',
    });
  });

  test("an answer before the end of the upload ends the upload", async () => {
    const early: Answer = (_request, response) =>
      void response
        .writeHead(413, { connection: "close" })
        .end('{"errors":[{"code":"SIZE_INVALID","message":"too large"}]}');
    const { place } = await repositoryOf(byMethod({ POST: session, PUT: early }), { retry: { attempts: 1 } });
    const endless = new Readable({
      read() {
        setTimeout(() => this.push(Buffer.alloc(1000)), 1);
      },
    });
    await expect(place.put({ ...blob, size: 1 << 30 }, endless)).rejects.toMatchObject({
      status: 413,
      codes: ["SIZE_INVALID"],
    });
    expect(endless.destroyed).toBe(true);
  });

  test("a registry that stored other bytes than it was sent is found out", async () => {
    const manifest = Buffer.from("{}");
    const { place } = await repositoryOf(reply(201, { "docker-content-digest": sha256("other") }));
    await expect(place.putManifest(describeBytes(manifest, MediaType.manifest), manifest, "1")).rejects.toMatchObject({
      code: "registry_error",
    });
  });

  test("a tag that is none is refused before anything is sent", async () => {
    const manifest = Buffer.from("{}");
    const { server, place } = await repositoryOf(reply(201));
    await expect(
      place.putManifest(describeBytes(manifest, MediaType.manifest), manifest, "a/../b"),
    ).rejects.toMatchObject({ code: "bad_reference" });
    expect(server.requests).toEqual([]);
  });
});

describe("interrupting", () => {
  const stalled: Answer = (request, response) => {
    if (request.method === "POST") return reply(202, { location: "/upload" })(request, response);
    if (request.method === "GET")
      response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 1000));
  };
  const soon = (): AbortSignal => AbortSignal.timeout(50);

  test.each<[string, (place: Repository, signal: AbortSignal) => Promise<unknown>]>([
    ["a download", async (place, signal) => collect(await place.open(blob, { signal }))],
    ["an upload", (place, signal) => place.put(blob, Readable.from([bytes]), { signal })],
    ["a copy", (place, signal) => copyBlob(blob, place, new MemoryStore(), { signal })],
  ])(
    "%s ends at once",
    async (_what, run) => {
      const { place } = await repositoryOf(stalled);
      await expect(run(place, soon())).rejects.toMatchObject({ code: "interrupted" });
    },
    2000,
  );

  test("the client's own signal ends everything, also waiting", async () => {
    const { place } = await repositoryOf(reply(503, { "retry-after": "30" }), { signal: soon() });
    await expect(place.has(blob)).rejects.toMatchObject({ code: "interrupted" });
  }, 2000);

  test("a reader that stops closes the connection", async () => {
    let socketClosed: Promise<unknown> | undefined;
    const { place } = await repositoryOf((request, response) => {
      socketClosed = once(request.socket, "close");
      return stalled(request, response);
    });
    const content = await place.open(blob);
    content.destroy();
    await socketClosed;
  }, 2000);
});
