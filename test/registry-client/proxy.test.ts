import { randomBytes } from "node:crypto";
import http, { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { copyImage } from "../../oci/index.js";
import { RegistryClient, type RegistryClientOptions } from "../../registry-client/index.js";
import { proxyFor } from "../../net/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { makeCertificates, type Registry, startRegistry } from "../helpers/registry.js";
import { putImage } from "../helpers/sample-image.js";

describe("proxyFor() follows Go's rules", () => {
  const proxy = "http://proxy.corp:3128";
  const cases: [url: string, noProxy: string, proxied: boolean][] = [
    ["https://ghcr.io/", "", true],
    ["https://ghcr.io/", "*", false],
    ["https://ghcr.io/", "ghcr.io", false],
    ["https://GHCR.io/", "Ghcr.IO", false],
    ["https://eu.ghcr.io/", "ghcr.io", false],
    ["https://notghcr.io/", "ghcr.io", true],
    ["https://eu.ghcr.io/", ".ghcr.io", false],
    ["https://ghcr.io/", ".ghcr.io", true],
    ["https://eu.ghcr.io/", "*.ghcr.io", false],
    ["https://ghcr.io/", "*.ghcr.io", true],
    ["https://ghcr.io:5000/", "ghcr.io:5000", false],
    ["https://ghcr.io/", "ghcr.io:443", false],
    ["https://ghcr.io/", "ghcr.io:5000", true],
    ["https://10.1.2.3/", "10.0.0.0/8", false],
    ["https://11.1.2.3/", "10.0.0.0/8", true],
    ["https://10.1.2.3/", "10.1.2.3", false],
    ["https://10.1.2.3:5000/", "10.1.2.3:5000", false],
    ["https://[fd00::1]/", "fd00::/8", false],
    ["https://[fd00::1]:5000/", "[fd00::1]:5000", false],
    ["https://[fd00::1]/", "10.0.0.0/99,fd00::/x", true],
    ["https://ghcr.io/", "quay.io, ghcr.io ,", false],
    ["https://localhost:5000/", "", false],
    ["https://127.9.9.9/", "", false],
    ["https://[::1]:5000/", "", false],
  ];
  test.each(cases)("%s with NO_PROXY=%j: %s", (url, noProxy, proxied) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY: proxy, no_proxy: noProxy })?.href).toBe(
      proxied ? `${proxy}/` : undefined,
    );
  });

  test("has a proxy for each scheme, in either case, with or without http://", () => {
    expect(proxyFor(new URL("http://ghcr.io/"), { HTTPS_PROXY: proxy })).toBeUndefined();
    expect(proxyFor(new URL("http://ghcr.io/"), { http_proxy: "proxy.corp:3128" })?.href).toBe(`${proxy}/`);
  });

  test("refuses a proxy of another kind, and tells no password", () => {
    expect(() => proxyFor(new URL("https://ghcr.io/"), { HTTPS_PROXY: "socks4://me:hunter2@proxy" })).toThrow(
      'HTTPS_PROXY: expected a proxy by http, https or socks5, found "socks4://proxy"',
    );
  });
});

describe("through a proxy that asks for a password", () => {
  const certificates = makeCertificates();
  const seen: string[] = [];
  let registry: Registry;
  let plain: Registry;
  let environment: Record<string, string>;

  const authorized = (headers: http.IncomingHttpHeaders) =>
    headers["proxy-authorization"] === `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
  /** Whatever name is asked for, it is on this machine. */
  const proxy = createServer((request, response) => {
    const url = new URL(request.url!);
    seen.push(`${request.method} ${url.host}`);
    const onward = http.request({
      host: "127.0.0.1",
      port: url.port,
      path: url.pathname + url.search,
      method: request.method,
      headers: request.headers,
    });
    onward.once("response", (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)));
    request.pipe(onward);
  });
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (!authorized(request.headers)) return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const onward = connect(Number(request.url!.split(":")[1]), "127.0.0.1", () =>
      socket.write("HTTP/1.1 200 OK\r\n\r\n"),
    );
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    onward.pipe(socket).pipe(onward);
  });

  beforeAll(async () => {
    registry = await startRegistry({ tls: certificates });
    plain = await startRegistry();
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = `http://me:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    environment = { HTTPS_PROXY: url, HTTP_PROXY: url, SSL_CERT_FILE: certificates.ca };
  });
  afterEach(() => void (seen.length = 0));
  afterAll(async () => {
    proxy.close();
    proxy.closeAllConnections();
    await registry.stop();
    await plain.stop();
    certificates.remove();
  });

  async function roundTrip(host: string, options: RegistryClientOptions): Promise<void> {
    const client = new RegistryClient({
      keychain: { credentials: async () => undefined },
      retry: { attempts: 1 },
      environment,
      ...options,
    });
    try {
      const [source, target] = [new MemoryStore(), new MemoryStore()];
      const image = await putImage(source, [randomBytes(300_000)]);
      const place = client.repository({ registry: host, repository: "app" });
      await copyImage(image, source, place, { tag: "1" });
      await copyImage((await place.resolve("1"))!, place, target);
      expect(target.blobs.size).toBe(source.blobs.size);
    } finally {
      client.close();
    }
  }

  test("an image goes to an https registry and back in tunnels", async () => {
    const host = registry.host.replace("localhost", "registry.test");
    await roundTrip(host, {});
    expect(new Set(seen)).toEqual(new Set([`CONNECT ${host}`]));
  });

  test("an image goes to a plain registry and back by requests for whole URLs", async () => {
    const host = plain.host.replace("localhost", "registry.test");
    await roundTrip(host, { insecure: [host] });
    expect(seen).toContain(`PUT ${host}`);
  });

  test.each([
    [{ HTTPS_PROXY: "http://me:hunter2@127.0.0.1:1" }, "HTTPS_PROXY", []],
    [{ http_proxy: "127.0.0.1:1" }, "http_proxy", ["registry.test:80"]],
  ])("a proxy that is not there is named with its variable", async (dead, variable, insecure) => {
    const host = insecure[0] ?? "registry.test";
    const failure = roundTrip(host, { environment: dead, insecure, retry: { attempts: 1 } });
    await expect(failure).rejects.toMatchObject({
      code: "registry_unreachable",
      message: `cannot reach the proxy 127.0.0.1:1 (${variable}) on the way to registry.test: connection refused`,
      hint: "Start the proxy, or correct its variable or NO_PROXY.",
    });
  });

  test("a proxy that refuses is named, without its password", async () => {
    const wrong = environment.HTTPS_PROXY!.replace("p%40ss", "hunter2");
    const failure = roundTrip("registry.test:443", { environment: { ...environment, HTTPS_PROXY: wrong } });
    await expect(failure).rejects.toMatchObject({
      code: "registry_unreachable",
      message: expect.stringMatching(/^cannot reach registry\.test: the proxy 127\.0\.0\.1:\d+ answered 407$/),
    });
  });
});
