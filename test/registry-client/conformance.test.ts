// The rules of the distribution spec as a client meets them, against the real registry and a strict one.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyImage, type Descriptor, MediaType, readBlob, sha256 } from "../../oci/index.js";
import { RegistryClient, type RegistryClientOptions, type Repository } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { startRegistry } from "../helpers/registry.js";
import { describeBytes, putBytes, putImage, putIndex } from "../helpers/sample-image.js";
import { StrictRegistry, type StrictOptions } from "../helpers/strict-registry.js";

interface Running {
  readonly host: string;
  readonly strict?: StrictRegistry;
  stop(): Promise<void>;
}

const strict = async (options: StrictOptions = {}): Promise<Running> => {
  const registry = await new StrictRegistry(options).start();
  return { host: registry.host, strict: registry, stop: () => registry.stop() };
};

const registries: [name: string, start: () => Promise<Running>][] = [
  ["docker-registry", startRegistry],
  ["a strict registry", strict],
  ["a strict registry without referrers API and mounts", () => strict({ referrers: false, mounts: false })],
  ["a strict registry that wants large pieces", () => strict({ leastChunk: 300_000 })],
];

describe.each(registries)("against %s", (_name, start) => {
  let registry: Running;
  const clients: RegistryClient[] = [];
  let count = 0;

  const connect = (options: RegistryClientOptions = {}) => {
    const client = new RegistryClient({ environment: {}, routes: [], retry: { delay: 1 }, ...options });
    clients.push(client);
    return client;
  };
  const fresh = (options?: RegistryClientOptions): Repository =>
    connect(options).repository({ registry: registry.host, repository: `conformance/${(count += 1)}` });
  const put = async (place: Repository, bytes: Uint8Array): Promise<Descriptor> => {
    const blob = describeBytes(bytes);
    const reopen = async () => Readable.from([bytes], { objectMode: false });
    await place.put(blob, await reopen(), { reopen });
    return blob;
  };

  beforeAll(async () => void (registry = await start()));
  afterAll(async () => {
    for (const client of clients) client.close();
    expect(registry.strict?.violations ?? []).toEqual([]);
    await registry.stop();
  });

  test("end-2, end-10: a blob that is not there is known not to be", async () => {
    expect(await fresh().has(describeBytes(randomBytes(9)))).toBe(false);
  });

  test.each([0, 1, 65_536, 1_000_001])("end-4a, end-6: a blob of %d bytes in one piece", async (size) => {
    const place = fresh();
    const bytes = randomBytes(size);
    const blob = await put(place, bytes);
    expect((await readBlob(place, blob)).equals(bytes)).toBe(true);
  });

  test.each([1, 65_536, 1_000_001])("end-5: a blob of %d bytes in pieces of 100,000", async (size) => {
    const place = fresh({ chunk: 100_000 });
    const bytes = randomBytes(size);
    const blob = await put(place, bytes);
    expect((await readBlob(place, blob)).equals(bytes)).toBe(true);
  });

  test("S-206: other bytes than promised are refused, and not there", async () => {
    const place = fresh();
    const blob = describeBytes(randomBytes(1000));
    const other = Readable.from([randomBytes(1000)]);
    await expect(place.put(blob, other)).rejects.toMatchObject({ code: "digest_mismatch" });
    expect(await place.has(blob)).toBe(false);
  });

  test("end-11, S-203: a blob is mounted from another repository, or uploaded", async () => {
    const known = new Map<string, string>();
    const blobPlaces = {
      find: ({ digest }: Descriptor) => [known.get(digest)].filter((name) => name !== undefined),
      note: ({ digest }: Descriptor, _registry: string, repository: string) => void known.set(digest, repository),
    };
    const [first, second] = [fresh({ blobPlaces }), fresh({ blobPlaces })];
    const bytes = randomBytes(100_000);
    const blob = await put(first, bytes);
    await put(second, bytes);
    expect((await readBlob(second, blob)).equals(bytes)).toBe(true);
    const sent = registry.strict?.requests.filter(
      (line) => line.includes("digest=") && line.includes(encodeURIComponent(blob.digest)),
    );
    if (sent !== undefined) expect(sent).toHaveLength(registry.strict!.options.mounts ? 1 : 2);
  });

  test("end-7, S-207: an index with its images, by tag and by digest", async () => {
    const [source, target, place] = [new MemoryStore(), new MemoryStore(), fresh()];
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const images: Descriptor[] = [];
    for (const platform of platforms)
      images.push({ ...(await putImage(source, [randomBytes(9000)], platform)), platform });
    const root = await putIndex(source, images);
    await copyImage(root, source, place, { tag: "v1" });
    expect(await place.resolve("v1")).toEqual(root);
    expect(await place.resolve(root.digest)).toEqual(root);
    await copyImage(root, place, target);
    expect([...target.blobs.keys()].sort()).toEqual([...source.blobs.keys()].sort());
  });

  test("an unchanged image takes one request, and a new name for it three", async () => {
    const source = new MemoryStore();
    const root = await putImage(source, [randomBytes(100), randomBytes(200), randomBytes(300)]);
    const place = fresh();
    await copyImage(root, source, place, { tag: "v1" });
    const before = registry.strict?.requests.length ?? 0;
    await copyImage(root, source, place, { tag: "v1" });
    expect(registry.strict?.requests.length ?? 1).toBe(registry.strict ? before + 1 : 1);
    await copyImage(root, source, place, { tag: "v2" });
    expect(registry.strict?.requests.length ?? 4).toBe(registry.strict ? before + 4 : 4);
    expect(await place.resolve("v2")).toEqual(root);
  });

  test("end-3: a manifest or tag that is not there is undefined", async () => {
    const place = fresh();
    expect(await place.resolve("none")).toBeUndefined();
    expect(await place.resolve(sha256("nothing"))).toBeUndefined();
  });

  test("end-8: tags are listed over all pages", async () => {
    const source = new MemoryStore();
    const root = await putImage(source, [randomBytes(10)]);
    const place = fresh();
    for (const tag of ["a", "b", "c", "d", "e"]) await copyImage(root, source, place, { tag });
    expect((await place.tags()).sort()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("end-9: a manifest is deleted, once", async () => {
    const source = new MemoryStore();
    const root = await putImage(source, [randomBytes(10)]);
    const place = fresh();
    await copyImage(root, source, place, { tag: "a" });
    expect(await place.deleteManifest(root.digest)).toBe(true);
    expect(await place.resolve(root.digest)).toBeUndefined();
    expect(await place.deleteManifest(root.digest)).toBe(false);
  });

  test("end-12, S-208: what is about an image is found, by type too", async () => {
    const source = new MemoryStore();
    const root = await putImage(source, [randomBytes(10)]);
    const place = fresh();
    await copyImage(root, source, place, { tag: "a" });
    expect(await place.referrers(root.digest)).toEqual([]);
    const about = await Promise.all(
      ["sig", "sbom", "sbom"].map((type) => putAbout(source, root, `application/vnd.${type}`)),
    );
    for (const manifest of about) await copyImage(manifest, source, place);
    await copyImage(about[0]!, source, place);
    const found = await place.referrers(root.digest);
    expect(found.map(({ digest }) => digest).sort()).toEqual(about.map(({ digest }) => digest).sort());
    const sboms = await place.referrers(root.digest, "application/vnd.sbom");
    expect(sboms.map(({ digest }) => digest).sort()).toEqual(
      about
        .slice(1)
        .map(({ digest }) => digest)
        .sort(),
    );
  });

  async function putAbout(source: MemoryStore, subject: Descriptor, artifactType: string): Promise<Descriptor> {
    const config = await putBytes(source, "{}", MediaType.empty);
    const layer = await putBytes(source, randomBytes(20), "application/octet-stream");
    const mediaType = MediaType.manifest;
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType, artifactType, config, layers: [layer], subject }),
    );
    await source.putManifest(describeBytes(bytes, mediaType), bytes);
    return describeBytes(bytes, mediaType);
  }
});
