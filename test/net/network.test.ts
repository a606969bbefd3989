import { expect, test } from "vitest";
import { openNetwork, type RetryOptions } from "../../net/index.js";
import { TsbuildError } from "../../errors.js";
import { FileServer } from "../helpers/file-server.js";
import { makeCertificates } from "../helpers/registry.js";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";

test("get() resolves with any answer, and says who asks", async () => {
  const server = await FileServer.start();
  const network = openNetwork({ userAgent: "tsbuild/1" });
  const response = await network.get({ url: new URL(server.url("/absent")), headers: {} });
  response.resume();
  expect(response.statusCode).toBe(404);
  expect(server.requests[0]!.headers["user-agent"]).toBe("tsbuild/1");
  network.close();
  await server.close();
});

test("a host that does not answer is named with the reason, and a hint", async () => {
  const network = openNetwork({ userAgent: "x" });
  await expect(network.get({ url: new URL("http://127.0.0.1:1/"), headers: {} })).rejects.toMatchObject({
    code: "source_unreachable",
    message: "cannot reach 127.0.0.1:1: connection refused",
    hint: expect.stringContaining("NO_PROXY"),
  });
  const abort = AbortSignal.abort();
  await expect(network.get({ url: new URL("http://127.0.0.1:1/"), headers: {}, signal: abort })).rejects.toMatchObject({
    code: "interrupted",
  });
  network.close();
});

test("retry() tries again only what may pass", async () => {
  const network = openNetwork({ userAgent: "x", retry: { attempts: 3, delay: 1 } });
  const tries = async (error: Error) => {
    let count = 0;
    await network.retry(() => Promise.reject((count++, error))).catch(() => {});
    return count;
  };
  expect(await tries(network.broken(new URL("http://x.org"), Object.assign(new Error(), { code: "ECONNRESET" })))).toBe(
    3,
  );
  expect(await tries(Object.assign(new TsbuildError("bad_http_source", "x"), { status: 503 }))).toBe(3);
  expect(await tries(Object.assign(new TsbuildError("bad_http_source", "x"), { status: 404 }))).toBe(1);
  expect(await tries(new TsbuildError("checksum_mismatch", "x"))).toBe(1);
});

test.each<[what: string, retry: RetryOptions, tries: number]>([
  ["by default", {}, 3],
  ["with --retry", { attempts: 6 }, 6],
  ["as a mirror", { attempts: 6, attemptsUnmet: 1 }, 1],
])("nobody who ever answered on loopback is given up soon %s", async (_what, retry, tries) => {
  let tried = 0;
  const network = openNetwork({ userAgent: "x", retry: { delay: 1, ...retry } });
  const get = () => network.get({ url: new URL("http://127.0.0.1:1/"), headers: {} });
  await expect(network.retry(() => (tried++, get()))).rejects.toMatchObject({ code: "source_unreachable" });
  expect(tried).toBe(tries);
});

test("https: the authority of SSL_CERT_FILE is trusted, without it nobody vouches", async () => {
  const certificates = makeCertificates();
  const [cert, key] = [certificates.cert, certificates.key].map((path) => readFileSync(path));
  const server = createServer({ cert, key }, (_, response) => response.end("secure"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/`);
  const trusting = openNetwork({ userAgent: "x", environment: { SSL_CERT_FILE: certificates.ca } });
  const response = await trusting.get({ url, headers: {} });
  response.resume();
  expect(response.statusCode).toBe(200);
  const strict = openNetwork({ userAgent: "x", environment: {} });
  await expect(strict.get({ url, headers: {} })).rejects.toMatchObject({
    code: "source_unreachable",
    message: expect.stringContaining("certificate"),
    hint: "Name the file with the authority's certificate in SSL_CERT_FILE.",
  });
  for (const network of [trusting, strict]) network.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  certificates.remove();
});
