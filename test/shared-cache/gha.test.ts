// The cache of GitHub Actions, against a server that speaks its protocol.

import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { openPlace } from "../../shared-cache/open-place.js";
import type { GithubCache } from "../../shared-cache/index.js";
import { GithubCacheServer } from "../helpers/github-cache.js";
import { blobStoreSuite } from "../suites/blob-store.js";
import { sampleIndex } from "./sample-index.js";

let server: GithubCacheServer;
beforeAll(async () => void (server = await GithubCacheServer.start()));
afterAll(() => server.stop());
beforeEach(() => void (server.requests.length = 0));

const openRepository = () => Promise.reject(new Error("no registry"));
const open = (options: Partial<GithubCache> = {}, env: NodeJS.ProcessEnv = server.env) =>
  openPlace({ type: "gha", ...options }, { openRepository, env });

describe("row 258: its blobs", () => blobStoreSuite(() => open().blobs));

test("row 258: the newest index of a scope counts, and no scope finds another's", async () => {
  const [first, second, other] = [sampleIndex("a"), { ...sampleIndex("a"), groups: [] }, sampleIndex("a-b")];
  await open({ scope: "a" }).writeIndex(first, {});
  await open({ scope: "a" }).writeIndex(second, {});
  await open({ scope: "a-b" }).writeIndex(other, {});
  expect(await open({ scope: "a" }).readIndex({})).toEqual({ ...second, layers: second.layers });
  expect(await open({ scope: "a-b" }).readIndex({})).toEqual(other);
  expect(await open({ scope: "c" }).readIndex({})).toBeUndefined();
});

test("row 258: a large entry goes in blocks", async () => {
  const bytes = randomBytes((32 << 20) + 5);
  const blob = { mediaType: "application/octet-stream", digest: sha256(bytes), size: bytes.length };
  const chunks = Array.from({ length: 33 }, (_, i) => bytes.subarray(i << 20, (i + 1) << 20));
  await open().blobs.put(blob, Readable.from(chunks, { objectMode: false }));
  expect(server.requests).toEqual([
    "POST CreateCacheEntry",
    "PUT blob",
    "PUT blob",
    "PUT blob",
    "POST FinalizeCacheEntryUpload",
  ]);
  expect(server.entries[0]!.bytes.equals(bytes)).toBe(true);
});

test("row 258: an entry that is there is not sent again", async () => {
  const bytes = randomBytes(10);
  const blob = { mediaType: "application/octet-stream", digest: sha256(bytes), size: 10 };
  for (let i = 0; i < 2; i++) await open().blobs.put(blob, Readable.from([bytes]));
  expect(server.requests.filter((request) => request === "PUT blob")).toEqual(["PUT blob"]);
});

test("row 258: a wrong token is said, and so is a machine that is no runner", async () => {
  await expect(open({ token: "wrong" }).readIndex({})).rejects.toMatchObject({
    code: "cache_unavailable",
    message: expect.stringMatching(/answered 401 to POST .*unauthenticated: bad token/) as string,
  });
  await expect(open({}, {}).readIndex({})).rejects.toMatchObject({
    code: "usage",
    hint: expect.stringContaining("ACTIONS_RESULTS_URL") as string,
  });
});
