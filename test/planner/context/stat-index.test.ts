import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sha256 } from "../../../oci/index.js";
import { StatIndex } from "../../../planner/context/stat-index.js";

const scratch = mkdtempSync(join(tmpdir(), "tsbuild-stat-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const SECOND = 1_000_000_000n;
const NOW = 1_800_000_000n * SECOND;
let files = 0;
const newFile = () => join(scratch, "indexes", String(files++));

const stampAt = (mtimeNs: bigint, size = 5n) => ({ size, mtimeNs, ctimeNs: mtimeNs, ino: 7n, mode: 0o100644n });

async function written(path: string): Promise<string> {
  const file = newFile();
  const index = await StatIndex.load(file);
  index.put(path, stampAt(NOW - 10n * SECOND), sha256("a"), NOW);
  index.put("z", stampAt(NOW - 20n * SECOND), sha256("z"), NOW);
  await index.save();
  return file;
}

describe("StatIndex", () => {
  test.each(["a", "src/ü/日本", "bytes\udcff/x", "😀", "a\nb"])("gives the digest of %j back", async (path) => {
    const index = await StatIndex.load(await written(path));
    expect(index.find(path, stampAt(NOW - 10n * SECOND))).toBe(sha256("a"));
    expect(index.find("z", stampAt(NOW - 20n * SECOND))).toBe(sha256("z"));
    expect(index.find("other", stampAt(NOW))).toBeUndefined();
  });

  const stamp = stampAt(NOW - 10n * SECOND);
  test.each([
    ["size", { ...stamp, size: 6n }],
    ["mtime", { ...stamp, mtimeNs: stamp.mtimeNs + SECOND }],
    ["ctime", { ...stamp, ctimeNs: stamp.ctimeNs + SECOND }],
    ["inode", { ...stamp, ino: 8n }],
    ["mode", { ...stamp, mode: 0o100755n }],
  ])("knows nothing of a file whose %s has changed", async (_, changed) => {
    const index = await StatIndex.load(await written("a"));
    expect(index.find("a", changed)).toBeUndefined();
  });

  test("is empty when the file is cut anywhere", async () => {
    const file = await written("a");
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      expect((await StatIndex.load(file)).find("a", stamp)).toBeUndefined();
    }
  });

  test("is empty when any byte is another", async () => {
    const file = await written("a");
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      writeFileSync(
        file,
        bytes.map((byte, index) => (index === at ? byte ^ 0x10 : byte)),
      );
      expect((await StatIndex.load(file)).find("a", stamp)).toBeUndefined();
    }
  });

  test("forgets what was not met again, and leaves no other file behind", async () => {
    const file = await written("a");
    const second = await StatIndex.load(file);
    second.find("z", stampAt(NOW - 20n * SECOND));
    second.put("new", stampAt(NOW - 30n * SECOND), sha256("n"), NOW);
    await second.save();
    const third = await StatIndex.load(file);
    expect(third.find("a", stamp)).toBeUndefined();
    expect(third.find("z", stampAt(NOW - 20n * SECOND))).toBe(sha256("z"));
    expect(third.find("new", stampAt(NOW - 30n * SECOND))).toBe(sha256("n"));
    expect(readdirSync(join(scratch, "indexes")).filter((name) => name.includes("."))).toEqual([]);
  });

  test("never gives the digest of content that was replaced, whatever the clock's tick up to 2 s", async () => {
    const step = fc.tuple(fc.constantFrom("edit", "hash", "look"), fc.integer({ min: 0, max: 3000 }));
    const timeline = fc.array(step, { minLength: 3, maxLength: 12 });
    const property = fc.asyncProperty(timeline, fc.constantFrom(1n, 4n, 1000n, 2000n), async (steps, tick) => {
      const file = newFile();
      let time = 1_800_000_000_000n;
      let version = 0;
      let touched = time;
      for (const [what, wait] of steps) {
        time += BigInt(wait);
        const stat = stampAt((touched - (touched % tick)) * 1_000_000n);
        const index = await StatIndex.load(file);
        const found = index.find("f", stat);
        if (found !== undefined) expect(found).toBe(sha256(String(version)));
        if (what === "hash") index.put("f", stat, sha256(String(version)), time * 1_000_000n);
        if (what === "edit") [version, touched] = [version + 1, time];
        await index.save();
      }
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
