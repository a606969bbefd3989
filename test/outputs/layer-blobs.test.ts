import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Layer } from "../../executor/index.js";
import { decompress, type Descriptor, MediaType, sha256 } from "../../oci/index.js";
import { type BlobForm, layerBlobs } from "../../outputs/layer-blobs.js";
import { entries } from "../helpers/tree.js";
import { describeBytes } from "../helpers/sample-image.js";
import { Stack } from "./stack.js";

const text = "some text that is worth it ".repeat(4000);
const layerIn = (stack: Stack) => stack.layer(entries({ a: text }), { a: text });

async function blobIn(
  stack: Stack,
  layer: Layer,
  form: Omit<BlobForm, "dialect"> & Partial<BlobForm>,
): Promise<Descriptor> {
  const [blob] = await layerBlobs(stack.store, [layer], { dialect: "oci", ...form }, { source: stack.source([layer]) });
  return blob!;
}

/** The layer of a base image: compressed when it came. */
async function compressedLayer(stack: Stack, mediaType: string = MediaType.layerGzip): Promise<Layer> {
  const plain = await layerIn(stack);
  const bytes = gzipSync(readFileSync(stack.store.blobs.path(plain.diffID)));
  const blob = describeBytes(bytes, mediaType);
  await stack.store.put(blob, Readable.from([bytes], { objectMode: false }));
  return { ...plain, blob };
}

async function unpacked(stack: Stack, blob: Descriptor): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of decompress(await stack.store.open(blob), blob)) chunks.push(chunk as Buffer);
  return sha256(Buffer.concat(chunks));
}

test.each<[form: Omit<BlobForm, "dialect"> & Partial<BlobForm>, mediaType: string]>([
  [{ compression: "none" }, MediaType.layer],
  [{ compression: "gzip" }, MediaType.layerGzip],
  [{ compression: "gzip", level: 0 }, MediaType.layerGzip],
  [{ compression: "zstd" }, MediaType.layerZstd],
  [{ compression: "zstd", level: 20 }, MediaType.layerZstd],
  [{ compression: "none", dialect: "docker" }, MediaType.dockerLayer],
  [{ compression: "gzip", dialect: "docker" }, MediaType.dockerLayerGzip],
])("rows 227 to 231: a layer of a step as %j unpacks to its diffID (S-158)", async (form, mediaType) => {
  const stack = new Stack();
  const layer = await layerIn(stack);
  const blob = await blobIn(stack, layer, form);
  expect(blob.mediaType).toBe(mediaType);
  expect(await unpacked(stack, blob)).toBe(layer.diffID);
});

test("row 232: levels make different blobs, each found again", async () => {
  const stack = new Stack();
  const layer = await layerIn(stack);
  const sizes: number[] = [];
  for (const level of [0, 1, 9]) {
    const blob = await blobIn(stack, layer, { compression: "gzip", level });
    expect(await blobIn(stack, layer, { compression: "gzip", level })).toEqual(blob);
    sizes.push(blob.size);
  }
  expect(sizes[0]!).toBeGreaterThan(text.length);
  expect(sizes[2]!).toBeLessThanOrEqual(sizes[1]!);
});

test("row 232: a layer that came compressed stays, unless it is forced", async () => {
  const stack = new Stack();
  const layer = await compressedLayer(stack);
  for (const compression of ["none", "gzip", "zstd"] as const)
    expect(await blobIn(stack, layer, { compression })).toEqual(layer.blob);
  const forced = await blobIn(stack, layer, { compression: "zstd", force: true });
  expect(forced.mediaType).toBe(MediaType.layerZstd);
  expect(await unpacked(stack, forced)).toBe(layer.diffID);
  expect(await blobIn(stack, layer, { compression: "none", force: true })).toMatchObject({ digest: layer.diffID });
});

test.each([MediaType.layer, "application/vnd.oci.image.layer.v1.tar+lz4"])(
  "a gzip layer that came as %s is what its media type says in the image",
  async (mediaType) => {
    const stack = new Stack();
    const layer = await compressedLayer(stack, mediaType);
    expect(await blobIn(stack, layer, { compression: "none" })).toEqual({
      ...layer.blob,
      mediaType: MediaType.layer,
      digest: layer.diffID,
      size: stack.index(layer).size,
    });
    const blob = await blobIn(stack, layer, { compression: "gzip" });
    expect(blob.mediaType).toBe(MediaType.layerGzip);
    expect(await unpacked(stack, blob)).toBe(layer.diffID);
  },
);

test("S-175: one manifest has names of one kind: Docker's layers get OCI's, and zstd becomes gzip for Docker", async () => {
  const stack = new Stack();
  const docker = await compressedLayer(stack, MediaType.dockerLayerGzip);
  expect(await blobIn(stack, docker, { compression: "gzip" })).toEqual({
    ...docker.blob,
    mediaType: MediaType.layerGzip,
  });
  const zstd = await blobIn(stack, await layerIn(stack), { compression: "zstd" });
  const forDocker = await blobIn(stack, { ...docker, blob: zstd }, { compression: "gzip", dialect: "docker" });
  expect(forDocker.mediaType).toBe(MediaType.dockerLayerGzip);
  expect(gunzipSync(readFileSync(stack.store.blobs.path(forDocker.digest))).length).toBeGreaterThan(text.length);
});

test("a blob that does not unpack to its diffID is not compressed anew", async () => {
  const stack = new Stack();
  const layer = { ...(await compressedLayer(stack)), diffID: sha256("other") };
  await expect(blobIn(stack, layer, { compression: "zstd", force: true })).rejects.toMatchObject({
    code: "digest_mismatch",
    message: expect.stringContaining(`expected diffID ${sha256("other")}, unpacked sha256:`),
  });
});

test("S-177: a layer in two positions is compressed once", async () => {
  const stack = new Stack();
  const layer = await layerIn(stack);
  let times = 0;
  const options = { source: stack.source([layer]), onCompress: () => (times += 1) };
  const blobs = await layerBlobs(stack.store, [layer, layer], { compression: "gzip", dialect: "oci" }, options);
  expect([blobs[0], times]).toEqual([blobs[1], 1]);
});
