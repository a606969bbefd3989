import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openNetwork, type OpenNetwork } from "../../net/index.js";
import { sha256 } from "../../oci/index.js";
import { download, type DownloadOptions, type HttpSource, type RemoteFile } from "../../remote/index.js";
import { FileServer } from "../helpers/file-server.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-download-"));
const to = join(directory, "file");
let server: FileServer;
let network: OpenNetwork;

beforeAll(async () => {
  server = await FileServer.start();
  network = openNetwork({ userAgent: "tsbuild/test", retry: { attempts: 3, delay: 1 } });
});
afterEach(() => {
  rmSync(to, { force: true });
  server.takeLog();
  server.requests.length = 0;
});
afterAll(async () => {
  network.close();
  await server.close();
  rmSync(directory, { recursive: true });
});

function get(source: string | HttpSource, options: Partial<DownloadOptions> = {}): Promise<RemoteFile> {
  return download(typeof source === "string" ? { url: source } : source, {
    network,
    secret: () => undefined,
    to,
    ...options,
  });
}

const secrets = (values: Record<string, string>) => (id: string) =>
  values[id] === undefined ? undefined : Buffer.from(values[id]);

describe("download()", () => {
  test("writes the bytes, and says what identifies them", async () => {
    const url = server.serve("/a", { content: "hello", etag: '"1"', lastModified: "Wed, 01 Jan 2020 00:00:00 GMT" });
    expect(await get(url)).toEqual({
      digest: sha256("hello"),
      size: 5,
      etag: '"1"',
      lastModified: "Wed, 01 Jan 2020 00:00:00 GMT",
    });
    expect(readFileSync(to, "utf8")).toBe("hello");
  });

  test("S-111: asks by ETag or by date, and downloads nothing when nothing changed", async () => {
    const tagged = server.serve("/tagged", { content: "x" });
    const dated = server.serve("/dated", { content: "x", etag: "", lastModified: "Wed, 01 Jan 2020 00:00:00 GMT" });
    for (const url of [tagged, dated]) {
      const known = await get(url);
      rmSync(to);
      expect(await get(url, { known })).toEqual(known);
      expect(existsSync(to)).toBe(false);
    }
    expect(server.takeLog()).toEqual(["GET /tagged 200", "GET /tagged 304", "GET /dated 200", "GET /dated 304"]);
  });

  test("takes the same ETag for an answer 304, also when the server sends the whole file", async () => {
    const url = server.serve("/whole", (_, response) => void response.setHeader("etag", '"same"').end("content"));
    const known = { digest: sha256("content"), size: 7, etag: 'W/"same"' };
    expect(await get(url, { known })).toMatchObject({ digest: known.digest });
    expect(existsSync(to)).toBe(false);
  });

  test("downloads a changed file anew", async () => {
    const url = server.serve("/changing", { content: "one" });
    const known = await get(url);
    server.serve("/changing", { content: "two" });
    expect(await get(url, { known })).toMatchObject({ digest: sha256("two") });
  });

  test("follows redirects, and tells only the first host who we are", async () => {
    const other = await FileServer.start();
    const target = other.serve("/target", { content: "there" });
    const hops = server.serve("/hop", (_, response) => void response.writeHead(302, { location: "/hop2" }).end());
    server.serve("/hop2", (_, response) => void response.writeHead(307, { location: target }).end());
    await get(hops, { secret: secrets({ "HTTP_AUTH_TOKEN_127.0.0.1": "t" }) });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer t", "Bearer t"]);
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(readFileSync(to, "utf8")).toBe("there");
    await other.close();
  });

  test("ends redirects that never end, and those that lead elsewhere than http", async () => {
    const loop = server.serve("/loop", (_, response) => void response.writeHead(302, { location: "/loop" }).end());
    await expect(get(loop)).rejects.toMatchObject({
      code: "bad_http_source",
      message: expect.stringContaining("more than 10 redirects"),
    });
    const file = server.serve(
      "/tofile",
      (_, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
    );
    await expect(get(file)).rejects.toMatchObject({
      code: "bad_http_source",
      message: expect.stringContaining("file:///etc/passwd"),
    });
  });

  test.each<[Record<string, string>, string, string | undefined]>([
    [{ "HTTP_AUTH_TOKEN_127.0.0.1": "abc\n" }, "", "Bearer abc"],
    [{ "HTTP_AUTH_HEADER_127.0.0.1": "Digest x" }, "", "Digest x"],
    [{ "HTTP_AUTH_HEADER_127.0.0.1": "Digest x", "HTTP_AUTH_TOKEN_127.0.0.1": "abc" }, "", "Bearer abc"],
    [{ "HTTP_AUTH_TOKEN_x.org": "abc", HTTP_AUTH_TOKEN: "abc" }, "", undefined],
    [{}, "me:p%40w@", `Basic ${Buffer.from("me:p@w").toString("base64")}`],
  ])("secrets %j and user %j are sent as %j", async (values, user, header) => {
    const url = server.serve("/auth", { content: "x" }).replace("//", `//${user}`);
    await get(url, { secret: secrets(values) });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([header]);
  });

  test.each<[number, string, RegExp, RegExp]>([
    [404, "bad_http_source", /cannot download "http:.*\/status": the server answered 404$/, /address/],
    [401, "unauthorized", /answered 401$/, /HTTP_AUTH_TOKEN_127\.0\.0\.1/],
    [403, "unauthorized", /answered 403$/, /HTTP_AUTH_TOKEN_127\.0\.0\.1/],
  ])("an answer %d is %s", async (status, code, message, hint) => {
    const url = server.serve("/status", (_, response) => void response.writeHead(status).end("no"));
    await expect(get(url)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(server.requests).toHaveLength(1);
    expect(existsSync(to)).toBe(false);
  });

  test("tries again when the server is overloaded, and when the connection is cut", async () => {
    let tries = 0;
    const url = server.serve("/shaky", (_, response) => {
      tries++;
      if (tries === 1) response.writeHead(503).end();
      else if (tries === 2) response.writeHead(200, { "content-length": 100 }).write("cut", () => response.destroy());
      else response.end("whole");
    });
    expect(await get(url)).toMatchObject({ digest: sha256("whole") });
    expect(readFileSync(to, "utf8")).toBe("whole");
  });

  test("gives up on a server that always cuts, and leaves nothing", async () => {
    const url = server.serve(
      "/cut",
      (_, response) => void response.writeHead(200, { "content-length": 100 }).write("cut", () => response.destroy()),
    );
    await expect(get(url)).rejects.toMatchObject({
      code: "source_unreachable",
      message: expect.stringContaining("connection closed by the other side"),
    });
    expect(existsSync(to)).toBe(false);
    expect(server.requests).toHaveLength(3);
  });

  test("a host that nobody listens on", async () => {
    await expect(get("http://127.0.0.1:1/a")).rejects.toMatchObject({
      code: "source_unreachable",
      message: "cannot reach 127.0.0.1:1: connection refused",
    });
  });

  test("S-112: a checksum that differs is an error, for a new file and for a known one", async () => {
    const url = server.serve("/pinned", { content: "actual" });
    const source = { url, checksum: sha256("expected") };
    const failure = {
      code: "checksum_mismatch",
      message: `"${url}": expected ${source.checksum}, downloaded ${sha256("actual")}`,
    };
    await expect(get(source)).rejects.toMatchObject(failure);
    expect(existsSync(to)).toBe(false);
    const known = await get(url);
    await expect(get(source, { known })).rejects.toMatchObject(failure);
    expect(await get({ url, checksum: sha256("actual") })).toMatchObject({ digest: sha256("actual") });
  });

  test("undoes a compression that was not asked for", async () => {
    const url = server.serve("/encoded", { content: gzipSync("plain"), headers: { "content-encoding": "gzip" } });
    expect(await get(url)).toMatchObject({ digest: sha256("plain"), size: 5 });
    expect(server.requests[0]!.headers["accept-encoding"]).toBe("identity");
  });

  test("streams what is larger than memory should be, and reports how far it is", async () => {
    const chunk = Buffer.alloc(1 << 20, "a");
    const hash = createHash("sha256");
    const url = server.serve("/large", (_, response) => {
      response.setHeader("content-length", 32 << 20);
      for (let i = 0; i < 32; i++) response.write(hash.update(chunk) && chunk);
      response.end();
    });
    const reports: [number, number | undefined][] = [];
    const { digest, size } = await get(url, { onProgress: (current, total) => reports.push([current, total]) });
    expect({ digest, size }).toEqual({ digest: `sha256:${hash.digest("hex")}`, size: 32 << 20 });
    expect(reports.at(-1)).toEqual([32 << 20, 32 << 20]);
  });

  test("ends at once when it is interrupted", async () => {
    const url = server.serve("/slow", (_, response) => void response.writeHead(200).write("and then nothing"));
    const abort = new AbortController();
    const downloading = get(url, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(downloading).rejects.toMatchObject({ code: "interrupted" });
    expect(existsSync(to)).toBe(false);
  });
});
