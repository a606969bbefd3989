// Contents of cache mounts: cut, sent, and put together again.

import { createCipheriv, createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cacheMountKey } from "../../cache/index.js";
import { sha256 } from "../../oci/index.js";
import { chunksOf } from "../../shared-cache/mounts/chunks.js";
import { type MountsIndex, numbersOf, parseMounts, rangesOf } from "../../shared-cache/mounts/format.js";
import { restoreTar } from "../../shared-cache/mounts/restore.js";
import { saveTar, withoutMounts } from "../../shared-cache/mounts/save.js";
import { MemoryStore } from "../helpers/memory-store.js";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "tsbuild-mounts-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same bytes on each run, that do not compress. */
function bytes(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

async function* pieces(content: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

async function cut(content: Buffer, size = 1 << 16): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(pieces(content, size))) chunks.push(Buffer.from(chunk));
  return chunks;
}

describe("chunksOf()", () => {
  test("loses nothing, and cuts the same way however the bytes arrive", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.integer({ min: 1000, max: 900_000 }),
        async (length, size) => {
          const content = bytes("a", length);
          const chunks = await cut(content, size);
          expect(Buffer.concat(chunks).equals(content)).toBe(true);
          expect(chunks.map(({ length: one }) => one)).toEqual((await cut(content)).map(({ length: one }) => one));
        },
      ),
      { numRuns: 12 },
    );
  });

  test("chunks have from 64 KiB to 1 MiB, but for the last, and about 256 KiB", async () => {
    const lengths = (await cut(bytes("b", 16 << 20))).map(({ length }) => length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1 << 20);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(64 << 10);
    expect((16 << 20) / lengths.length).toBeGreaterThan(180 << 10);
    expect((16 << 20) / lengths.length).toBeLessThan(400 << 10);
  });

  test("an insertion changes the chunks beside it only", async () => {
    const content = bytes("c", 8 << 20);
    const edited = Buffer.concat([content.subarray(0, 3 << 20), Buffer.from("inserted"), content.subarray(3 << 20)]);
    const before = new Set((await cut(content)).map((chunk) => sha256(chunk)));
    const fresh = (await cut(edited)).filter((chunk) => !before.has(sha256(chunk)));
    expect(fresh.length).toBeLessThanOrEqual(2);
  });
});

describe("saveTar() and restoreTar()", () => {
  let store: MemoryStore;
  const empty: MountsIndex = { version: 1, scope: "", packs: [], mounts: [] };
  beforeEach(() => void (store = new MemoryStore()));

  const save = (content: Buffer, index = empty, id = "npm") => {
    const tar = join(folder, "tar");
    writeFileSync(tar, content);
    const mount = { id, mode: 0o755, uid: 0, gid: 0 };
    return saveTar(tar, { ...mount, key: cacheMountKey(mount), saved: "2026-01-01T00:00:00.000Z" }, index, store, {});
  };
  const restore = async (index: MountsIndex, id = "npm") => {
    const mount = index.mounts.find((one) => one.id === id)!;
    const parts: Uint8Array[] = [];
    for await (const part of await restoreTar(mount, index, store, join(folder, "packs"), {})) parts.push(part);
    return Buffer.concat(parts);
  };

  test("W-01: what is saved comes back, also what compresses and what repeats", async () => {
    const content = Buffer.concat([bytes("d", 3 << 20), Buffer.alloc(5 << 20), bytes("d", 3 << 20)]);
    const { index, sent } = await save(content);
    expect(sent).toBeLessThan(4 << 20);
    expect((await restore(parseMounts(Buffer.from(JSON.stringify(index)), ""))).equals(content)).toBe(true);
  });

  test("a pack that is missing or damaged fails the restore, and nothing is written after that", async () => {
    const { index } = await save(bytes("m", 100_000));
    const directory = join(folder, "packs");
    const [{ digest, size }] = index.packs as [MountsIndex["packs"][number]];
    store.blobs.set(digest, Buffer.alloc(size));
    await expect(restore(index)).rejects.toMatchObject({ code: "digest_mismatch" });
    rmSync(directory, { recursive: true });
    store.blobs.delete(digest);
    const failed = restore(index).finally(() => rmSync(directory, { recursive: true }));
    await expect(failed).rejects.toMatchObject({ code: "blob_not_found" });
    await setTimeout(20); // what is opened late would fail here, unheard
    expect(existsSync(directory)).toBe(false);
  });

  test("W-01: only chunks that are new travel", async () => {
    const content = bytes("e", 20 << 20);
    const first = await save(content);
    const edited = Buffer.concat([content.subarray(0, 7 << 20), bytes("f", 1000), content.subarray(7 << 20)]);
    const second = await save(edited, first.index);
    expect(second.sent).toBeLessThan(2 << 20);
    expect((await restore(second.index)).equals(edited)).toBe(true);
    expect((await save(edited, second.index)).sent).toBe(0);
  });

  test("mounts share chunks, and packs that nobody needs are dropped", async () => {
    const content = bytes("g", 4 << 20);
    const one = await save(content);
    const two = await save(Buffer.concat([content, bytes("h", 2 << 20)]), one.index, "pip");
    expect(two.sent).toBeLessThan(3 << 20);
    const keys = new Set([two.index.mounts.find(({ id }) => id === "npm")!.key]);
    expect((await restore(withoutMounts(two.index, keys), "pip")).length).toBe(6 << 20);
    expect((await save(bytes("i", 1000), two.index, "pip")).index.packs).toHaveLength(2);
  });

  test("packs with gaps are given up: the space stays below twice the content, whatever the edits", async () => {
    let index = empty;
    for (let turn = 0; turn < 8; turn++) {
      const parts = Array.from({ length: 8 }, (_, i) => bytes(`part ${i} ${i <= turn ? turn : 0}`, 1 << 20));
      ({ index } = await save(Buffer.concat(parts), index));
      expect((await restore(index)).equals(Buffer.concat(parts))).toBe(true);
    }
    expect(index.packs.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2.2 * (8 << 20));
  });

  test("damage is noticed", async () => {
    const { index } = await save(bytes("j", 2 << 20));
    const [pack] = index.packs;
    const damaged = Buffer.from(store.blobs.get(pack!.digest)!);
    damaged[1000]! ^= 1;
    store.blobs.set(pack!.digest, damaged);
    await expect(restore(index)).rejects.toMatchObject({ code: "digest_mismatch" });
    const wrong = { ...index, mounts: index.mounts.map((mount) => ({ ...mount, tar: sha256("another") })) };
    store.blobs.set(pack!.digest, Buffer.from(damaged.map((byte, i) => (i === 1000 ? byte ^ 1 : byte))));
    await expect(restore(wrong)).rejects.toMatchObject({ code: "digest_mismatch" });
  });
});

describe("parseMounts()", () => {
  test.each([
    ["not JSON", "{"],
    ["another version", JSON.stringify({ version: 2, packs: [], mounts: [] })],
    [
      "a chunk that is not there",
      JSON.stringify({
        version: 1,
        packs: [],
        mounts: [
          { key: "0".repeat(64), id: "x", tar: sha256(""), size: 1, saved: "2026-01-01T00:00:00Z", chunks: [[0, 1]] },
        ],
      }),
    ],
    ["another scope", JSON.stringify({ version: 1, scope: "pr", packs: [], mounts: [] })],
  ])("refuses %s", (_, text) => {
    expect(() => parseMounts(Buffer.from(text), "")).toThrow(expect.objectContaining({ code: "bad_manifest" }));
  });
});

test("rangesOf() and numbersOf() are each other's inverse", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (numbers) => {
      expect(numbersOf(rangesOf(numbers))).toEqual(numbers);
    }),
  );
});
