// What holds for every BlobStore and ImageStore. A store's own test is three lines: see test/oci/memory-store.test.ts.

import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import {
  type BlobStore,
  copyImage,
  type Descriptor,
  type ImageStore,
  readBlob,
  readImage,
  sha256,
} from "../../oci/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { describeBytes, putImage, putIndex } from "../helpers/sample-image.js";

const stream = (...chunks: (string | Uint8Array)[]) =>
  Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );

async function collect(content: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** @param open gives a store that need not be empty */
export function blobStoreSuite(open: () => Promise<BlobStore> | BlobStore): void {
  test("has a blob after put, and not before", async () => {
    const store = await open();
    const bytes = randomBytes(1000);
    const blob = describeBytes(bytes);
    expect(await store.has(blob)).toBe(false);
    await store.put(blob, stream(bytes));
    expect(await store.has(blob)).toBe(true);
  });

  test.each([0, 1, 65536, 3_000_001])("gives back a blob of %d bytes", async (size) => {
    const store = await open();
    const bytes = randomBytes(size);
    const blob = describeBytes(bytes);
    await store.put(blob, stream(bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)));
    expect((await collect(await store.open(blob))).equals(bytes)).toBe(true);
  });

  test("takes a blob twice, also at the same time", async () => {
    const store = await open();
    const bytes = randomBytes(100_000);
    const blob = describeBytes(bytes);
    await Promise.all([store.put(blob, stream(bytes)), store.put(blob, stream(bytes))]);
    await store.put(blob, stream(bytes));
    expect((await collect(await store.open(blob))).equals(bytes)).toBe(true);
  });

  test("open of a blob that is not there is blob_not_found", async () => {
    const store = await open();
    await expect(store.open(describeBytes(randomBytes(10)))).rejects.toMatchObject({ code: "blob_not_found" });
  });

  const wrong: [what: string, content: (bytes: Buffer) => Uint8Array][] = [
    ["other bytes", (bytes) => Buffer.alloc(bytes.length, "x")],
    ["too few bytes", (bytes) => bytes.subarray(1)],
    ["too many bytes", (bytes) => Buffer.concat([bytes, Buffer.from("x")])],
    ["no bytes", () => Buffer.alloc(0)],
  ];
  test.each(wrong)("put of %s is digest_mismatch, and stores nothing", async (_what, content) => {
    const store = await open();
    const bytes = randomBytes(1000);
    const blob = describeBytes(bytes);
    await expect(store.put(blob, stream(content(bytes)))).rejects.toMatchObject({ code: "digest_mismatch" });
    expect(await store.has(blob)).toBe(false);
  });

  test("put of a stream that fails fails as the stream did, and stores nothing", async () => {
    const store = await open();
    const bytes = randomBytes(1000);
    const blob = describeBytes(bytes);
    const failing = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 500);
        throw new Error("disk on fire");
      })(),
    );
    await expect(store.put(blob, failing)).rejects.toThrow("disk on fire");
    expect(await store.has(blob)).toBe(false);
  });

  test("put and open with an aborted signal are refused", async () => {
    const store = await open();
    const blob = describeBytes(randomBytes(10));
    const options = { signal: AbortSignal.abort() };
    await expect(store.put(blob, stream("x"), options)).rejects.toThrow();
    expect(await store.has(blob)).toBe(false);
  });
}

/** All of `blobStoreSuite`, and names. */
export function imageStoreSuite(open: () => Promise<ImageStore> | ImageStore): void {
  blobStoreSuite(open);

  test("resolves a manifest by digest, and by tag when it got one", async () => {
    const store = await open();
    const image = await putImage(store, ["one", randomBytes(10)]);
    const bytes = await readBlob(store, image);
    expect(await store.resolve("never-given")).toBeUndefined();
    expect(await store.resolve(image.digest)).toEqual(image);
    await store.putManifest(image, bytes, "v1");
    expect(await store.resolve("v1")).toEqual(image);
  });

  test("a tag moves", async () => {
    const store = await open();
    for (const layer of ["one", "two"]) {
      const image = await putImage(store, [layer, randomBytes(10)]);
      await store.putManifest(image, await readBlob(store, image), "moving");
      expect(await store.resolve("moving")).toEqual(image);
    }
  });

  test("a digest that no manifest has resolves to undefined", async () => {
    expect(await (await open()).resolve(sha256(randomBytes(10)))).toBeUndefined();
  });

  test("putManifest of other bytes is digest_mismatch, and names nothing", async () => {
    const store = await open();
    const image = await putImage(store, [randomBytes(10)]);
    const other = { ...image, digest: sha256("other") };
    const bytes = await readBlob(store, image);
    await expect(store.putManifest(other, bytes, "wrong")).rejects.toMatchObject({ code: "digest_mismatch" });
    expect(await store.resolve("wrong")).toBeUndefined();
  });

  test("S-207: an index with two images comes by copyImage, and goes back", async () => {
    const [store, source, back] = [await open(), new MemoryStore(), new MemoryStore()];
    const root = await indexOfTwo(source);
    await copyImage(root, source, store, { tag: "multi" });
    expect(await store.resolve("multi")).toEqual(root);
    await copyImage(root, store, back, { tag: "multi" });
    expect(new Map([...back.blobs].map(([digest, bytes]) => [digest, Buffer.from(bytes)]))).toEqual(
      new Map([...source.blobs].map(([digest, bytes]) => [digest, Buffer.from(bytes)])),
    );
  });

  test("an image is read for its platform", async () => {
    const store = await open();
    const source = new MemoryStore();
    const root = await indexOfTwo(source);
    await copyImage(root, source, store);
    const { config } = await readImage(store, root, { platform: { os: "linux", architecture: "arm64" } });
    expect(config.architecture).toBe("arm64");
  });
}

async function indexOfTwo(store: ImageStore): Promise<Descriptor> {
  const shared = randomBytes(20);
  const platforms = [
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ];
  const images: Descriptor[] = [];
  for (const platform of platforms)
    images.push({ ...(await putImage(store, [shared, platform.architecture, shared], platform)), platform });
  return putIndex(store, images);
}
