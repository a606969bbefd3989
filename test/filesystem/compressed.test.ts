import { execFileSync } from "node:child_process";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { decompressArchive, looksLikeTar } from "../../filesystem/index.js";
import { tree } from "../helpers/tree.js";
import { temporaryDirectory } from "./layers.js";

const archive = () =>
  execFileSync("tar", ["--create", "--directory", tree(temporaryDirectory(), { f: "x".repeat(5000) }), "f"]);

async function decompressed(bytes: Uint8Array, pieceSize: number): Promise<Buffer> {
  const source = Readable.from(chunks(bytes, pieceSize));
  const pieces = [];
  for await (const piece of decompressArchive(source)) pieces.push(piece);
  expect(source.destroyed).toBe(true);
  return Buffer.concat(pieces);
}

function* chunks(bytes: Uint8Array, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

test.each([["cat"], ["gzip"], ["bzip2"], ["xz"], ["zstd"]])(
  "decompressArchive() undoes %s, whatever pieces it comes in (S-106)",
  async (tool) => {
    const plain = archive();
    const packed = execFileSync(tool, tool === "cat" ? [] : ["-c"], { input: plain });
    for (const size of [1, 65536]) expect((await decompressed(packed, size)).equals(plain), String(size)).toBe(true);
  },
);

test.each([
  ["gzip", "1f8b0800"],
  ["bzip2", "425a6839ffff"],
  ["xz", "fd377a585a00ff"],
  ["zstd", "28b52ffdffff"],
])("decompressArchive() refuses a %s that is broken", async (_, hex) => {
  await expect(decompressed(Buffer.from(hex.padEnd(200, "f"), "hex"), 100)).rejects.toMatchObject({
    code: "bad_archive",
  });
});

test("looksLikeTar() goes by the checksum of the first block (S-106)", () => {
  const plain = archive();
  expect(looksLikeTar(plain)).toBe(true);
  expect(looksLikeTar(plain.subarray(0, 511))).toBe(false);
  expect(looksLikeTar(Buffer.alloc(1024))).toBe(false);
  expect(looksLikeTar(Buffer.from(`y${plain.toString("latin1", 1)}`, "latin1"))).toBe(false);
  expect(looksLikeTar(Buffer.concat([Buffer.from("junk"), plain]).subarray(4))).toBe(true);
});
