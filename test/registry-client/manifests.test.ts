// Manifests where registries and mirrors do less, or otherwise, than they may.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyImage, type Descriptor, readBlob } from "../../oci/index.js";
import { RegistryClient, type Route } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { putImage } from "../helpers/sample-image.js";
import { reply, StrictRegistry } from "../helpers/strict-registry.js";

let own: StrictRegistry;
let mirror: StrictRegistry;
let root: Descriptor;
const source = new MemoryStore();
const clients: RegistryClient[] = [];

function connect(routes: readonly Route[] = []) {
  const client = new RegistryClient({ environment: {}, routes, retry: { delay: 1, attempts: 2 } });
  clients.push(client);
  return client.repository({ registry: own.host, repository: "app" });
}

beforeEach(async () => {
  own = await new StrictRegistry().start();
  mirror = await new StrictRegistry().start();
  root = await putImage(source, ["layer"]);
  await copyImage(root, source, connect(), { tag: "1" });
  for (const [name, bytes] of own.blobs) mirror.blobs.set(name, bytes);
  for (const [name, manifest] of own.manifests) mirror.manifests.set(name, manifest);
  mirror.tags.set("app:1", root.digest);
  own.requests.length = 0;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await own.stop();
  await mirror.stop();
});

describe("284: pull-from-mirror", () => {
  const mirrored = (pull: "all" | "digest-only" | "tag-only") =>
    connect([{ prefix: own.host, mirrors: [{ location: mirror.host, pull }] }]);
  const askedOf = ({ requests }: StrictRegistry) => requests.map((line) => line.replace(/sha256:\w+$/, "DIGEST"));

  test("all: the registry itself is not asked", async () => {
    const place = mirrored("all");
    await readBlob(place, (await place.resolve("1"))!);
    expect(askedOf(own)).toEqual([]);
  });

  test("digest-only: what a tag means is the registry's word", async () => {
    const place = mirrored("digest-only");
    await readBlob(place, (await place.resolve("1"))!);
    expect(askedOf(own)).toEqual(["HEAD /v2/app/manifests/1"]);
    expect(askedOf(mirror)).toEqual(["GET /v2/app/manifests/DIGEST"]);
  });

  test("tag-only: what a digest means is the registry's word, and what a tag led to comes from the mirror", async () => {
    const place = mirrored("tag-only");
    await place.resolve(root.digest);
    await readBlob(place, root);
    expect(askedOf(mirror)).toEqual([]);
    await readBlob(place, (await place.resolve("1"))!);
    expect(askedOf(mirror)).toEqual(["HEAD /v2/app/manifests/1", "GET /v2/app/manifests/DIGEST"]);
  });
});

test.each([
  ["HEAD is not allowed", 405, {}],
  ["HEAD says no digest", 200, { "content-type": "application/vnd.oci.image.manifest.v1+json", "content-length": "1" }],
])("where %s, the bytes say what a tag means", async (_what, status, headers) => {
  own.faults.push(({ method, response }) => {
    if (method !== "HEAD") return false;
    reply(response, status, headers);
    return true;
  });
  expect(await connect().resolve("1")).toEqual(root);
});

describe("S-208: referrers", () => {
  const listed = (digest: string) => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${digest.repeat(64)}`,
    size: 1,
    artifactType: digest === "a" ? "wanted" : "other",
  });

  test.each([true, false])("come in pages, filtered by the registry or by us (%s)", async (isFiltered) => {
    own.faults.push(({ path, query, response }) => {
      if (!path.includes("/referrers/")) return false;
      const last = query.get("last");
      const type = { "content-type": "application/vnd.oci.image.index.v1+json" };
      const filter = isFiltered ? { "oci-filters-applied": "artifactType" } : {};
      const next = last === null ? { link: `<${path}?last=1>; rel="next"` } : {};
      const manifests = isFiltered ? [listed("a")] : [listed("a"), listed("b")];
      reply(
        response,
        200,
        { ...type, ...filter, ...next },
        Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })),
      );
      return true;
    });
    const found = await connect().referrers(root.digest, "wanted");
    expect(found.map(({ digest }) => digest)).toEqual([listed("a").digest, listed("a").digest]);
  });

  test("of pages without end are given up", async () => {
    own.faults.push(({ path, response }) => {
      if (!path.endsWith("/tags/list")) return false;
      const bytes = Buffer.from('{"tags":null}');
      reply(response, 200, { link: `<${path}>; rel="next"` }, bytes);
      return true;
    });
    await expect(connect().tags()).rejects.toMatchObject({ code: "registry_error" });
  });
});
