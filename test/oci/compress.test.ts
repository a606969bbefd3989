import { createHash, randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gzip } from "../../oci/compress.js";
import { decompress } from "../../oci/decompress.js";
import { MediaType, Verifier, sha256 } from "../../oci/index.js";
import { programDecoder, scriptDecoder } from "../../oci/zstd.js";
import { programEncoder, zlibEncoder } from "../../oci/zstd-writer.js";

/** Compressible, the same every time, longer than three blocks of the compressor. */
const text = Buffer.from(Array.from({ length: 200_000 }, (_, line) => `line ${line} of ${line % 97}\n`).join(""));

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const compress = (bytes: Uint8Array, size: number, concurrency = 3) =>
  collect(gzip(Readable.from(pieces(bytes, size)), { concurrency }));

test.each([0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, text.length])(
  "gzip() of %d bytes is one member that gunzip reads",
  async (length) => {
    const input = text.subarray(0, length);
    const compressed = await compress(input, 65536);
    expect(gunzipSync(compressed).equals(input)).toBe(true);
    expect(execFileSync("gzip", ["-dc"], { input: compressed, maxBuffer: 1 << 26 }).equals(input)).toBe(true);
  },
);

test("S-174: gzip() writes the same bytes for any chunking and any number of threads", async () => {
  const digests = new Set<string>();
  for (const size of [4097, 65536, 1 << 20, 5 << 20]) digests.add(sha256(await compress(text, size, 1 + (size % 4))));
  expect(digests.size).toBe(1);
});

test("S-174: the header has no time, no name and a fixed system", async () => {
  expect((await compress(Buffer.from("x"), 1)).subarray(0, 10).toString("hex")).toBe("1f8b08000000000000ff");
});

test("gzip() loses at most one percent to its blocks", async () => {
  const alone = gzipSync(text, { level: 4 }).length;
  expect((await compress(text, 65536)).length).toBeLessThan(alone * 1.01);
});

test("gzip() fails when its input fails", async () => {
  const failing = (async function* () {
    yield text.subarray(0, 3 << 20);
    throw new Error("disk on fire");
  })();
  await expect(collect(gzip(failing))).rejects.toThrow("disk on fire");
});

test("decompress() undoes gzip, also in several members", async () => {
  const members = Buffer.concat([await compress(text, 65536), gzipSync("tail")]);
  const plain = await collect(decompress(Readable.from(pieces(members, 1000)), { mediaType: MediaType.layerGzip }));
  expect(plain.equals(Buffer.concat([text, Buffer.from("tail")]))).toBe(true);
});

const zstd = (input: Uint8Array) => execFileSync("zstd", ["-c", "-q"], { input, maxBuffer: 1 << 26 });

test("decompress() undoes zstd", async () => {
  const plain = await collect(decompress(Readable.from(pieces(zstd(text), 1000)), { mediaType: MediaType.layerZstd }));
  expect(plain.equals(text)).toBe(true);
});

test.each([
  ["the zstd program", programDecoder],
  ["JavaScript", scriptDecoder],
])("%s reads two frames of zstd", async (_name, decoder) => {
  const frames = Buffer.concat([zstd(text), zstd(Buffer.from("tail"))]);
  const plain = await collect(decoder(Readable.from(pieces(frames, 5000))));
  expect(plain.equals(Buffer.concat([text, Buffer.from("tail")]))).toBe(true);
});

test("decompress() passes uncompressed layers through, also those shorter than a header", async () => {
  for (const plain of [text, Buffer.from("short"), Buffer.alloc(0)])
    expect(
      (await collect(decompress(Readable.from(pieces(plain, 100)), { mediaType: MediaType.layer }))).equals(plain),
    ).toBe(true);
});

const TAR = execFileSync("tar", ["--create", "--directory", import.meta.dirname, "compress.test.ts"]);

test.each([
  ["gzip data as a plain tar", gzipSync(TAR), MediaType.layer],
  ["zstd data as gzip", zstd(TAR), MediaType.layerGzip],
  ["a plain tar as gzip", TAR, MediaType.layerGzip],
  ["an archive without members as zstd", Buffer.alloc(1024), MediaType.layerZstd],
  ["gzip data as lz4", gzipSync(TAR), "application/vnd.oci.image.layer.v1.tar+lz4"],
])("decompress() goes by the first bytes: %s", async (_, bytes, mediaType) => {
  const plain = await collect(decompress(Readable.from(pieces(bytes, 7)), { mediaType }));
  expect(plain.equals(mediaType === MediaType.layerZstd ? bytes : TAR)).toBe(true);
});

test.each([
  ["lz4", Buffer.from("04224d186440a7", "hex"), "application/vnd.oci.image.layer.v1.tar+lz4"],
  ["xz", Buffer.from("fd377a585a000004", "hex"), MediaType.layer],
])("decompress() names the layer and the media type of %s", async (format, bytes, mediaType) => {
  const digest = sha256(bytes);
  await expect(collect(decompress(Readable.from([bytes]), { mediaType, digest }))).rejects.toMatchObject({
    code: "bad_archive",
    message: `layer ${digest}: expected a tar, plain or in gzip or zstd, found ${format} (media type "${mediaType}")`,
  });
});

test.each([MediaType.layerGzip, MediaType.layerZstd])(
  "decompress() of noise as %s is bad_archive",
  async (mediaType) => {
    const noise = createHash("sha512").update("noise").digest();
    await expect(collect(decompress(Readable.from([noise]), { mediaType }))).rejects.toMatchObject({
      code: "bad_archive",
    });
  },
);

test.each([MediaType.layerGzip, MediaType.layerZstd])("decompress() of a cut %s is bad_archive", async (mediaType) => {
  const noise = randomBytes(300_000);
  const whole = mediaType === MediaType.layerGzip ? gzipSync(noise) : zstd(noise);
  await expect(collect(decompress(Readable.from([whole.subarray(0, 200_000)]), { mediaType }))).rejects.toMatchObject({
    code: "bad_archive",
  });
});

test.each([MediaType.layerGzip, MediaType.layerZstd])(
  "decompress() as %s fails as its input fails: a wrong digest stays one",
  async (mediaType) => {
    const whole = mediaType === MediaType.layerGzip ? gzipSync(text) : zstd(text);
    const verifier = Readable.from([whole]).pipe(new Verifier({ digest: sha256("other"), size: whole.length }));
    await expect(collect(decompress(verifier, { mediaType }))).rejects.toMatchObject({ code: "digest_mismatch" });
  },
);

test("destroying what decompress() gave destroys its input", async () => {
  const input = Readable.from(pieces(gzipSync(text), 10));
  const output = decompress(input, { mediaType: MediaType.layerGzip });
  output.destroy();
  await new Promise((resolve) => input.once("close", resolve));
  expect(input.destroyed).toBe(true);
});

const encoders = [
  ["the zstd program", programEncoder] as const,
  ...[zlibEncoder()].flatMap((one) => (one ? [["Node", one] as const] : [])),
];

test.each(encoders)("%s writes zstd that the zstd program reads, at every level", async (_, encode) => {
  const part = text.subarray(0, 1 << 20);
  for (const level of [1, 3, 20]) {
    const compressed = await collect(encode(Readable.from(pieces(part, 65536)), level));
    expect(
      execFileSync("zstd", ["-dc", "--memory=128MB"], { input: compressed, maxBuffer: 1 << 26 }).equals(part),
    ).toBe(true);
  }
});

test.each(encoders)("%s fails when its input fails", async (_, encode) => {
  const failing = (async function* () {
    yield text.subarray(0, 3 << 20);
    throw new Error("disk on fire");
  })();
  await expect(collect(encode(failing, 3))).rejects.toThrow("disk on fire");
});

test.each([0, 1, 9])("gzip() at level %i is one member that gunzip reads", async (level) => {
  expect(gunzipSync(await collect(gzip(Readable.from([text]), { level }))).equals(text)).toBe(true);
});
