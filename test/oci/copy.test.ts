import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { copyImage, type Descriptor, parseManifest, readBlob, sha256 } from "../../oci/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { putBytes, putImage, putIndex } from "../helpers/sample-image.js";

const arm = { os: "linux", architecture: "arm64" };

test("S-207: layers go before the config, configs before manifests, manifests before the index, the tag last", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const images = [await putImage(source, ["a", "b"]), await putImage(source, ["a", "c"], arm)];
  const root = await putIndex(source, images);
  await copyImage(root, source, target, { tag: "1" });
  const place = (write: string) => target.writes.indexOf(write);
  for (const image of images) {
    const { layers, config } = parseManifest(await readBlob(source, image));
    for (const layer of layers) expect(place(`put ${layer.digest}`)).toBeLessThan(place(`put ${config.digest}`));
    expect(place(`put ${config.digest}`)).toBeLessThan(place(`manifest ${image.digest}`));
    expect(place(`manifest ${image.digest}`)).toBeLessThan(place(`manifest ${root.digest}`));
  }
  expect(target.writes.slice(-2)).toEqual([`manifest ${root.digest}`, "tag 1"]);
});

test("a place that is far away is told of a config before it is asked for layers, unless nobody needs it", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["a"]);
  const told: string[] = [];
  const open = source.open.bind(source);
  const far = Object.assign(source, {
    expect: ({ digest }: Descriptor) => void told.push(`expect ${digest}`),
    open: (blob: Descriptor) => (told.push(`open ${blob.digest}`), open(blob)),
  });
  const { config, layers } = parseManifest(await readBlob(source, image));
  told.length = 0;
  await copyImage(image, far, target);
  expect(told.slice(1)).toEqual([`expect ${config.digest}`, `open ${layers[0]!.digest}`, `open ${config.digest}`]);
  told.length = 0;
  await copyImage(await putImage(source, ["a"]), far, target);
  expect(told).not.toContain(`expect ${config.digest}`);
});

test("S-177: a layer that is there twice moves once", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  await copyImage(await putImage(source, ["same", "same", "same"]), source, target);
  expect(target.writes.filter((write) => write === `put ${sha256("same")}`)).toHaveLength(1);
});

test("what is there is not copied again, but reported", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["old", "new"]);
  await putBytes(target, "old");
  target.writes.length = 0;
  const reports: string[] = [];
  await copyImage(image, source, target, {
    onProgress: ({ digest }, current, total) => current === total && reports.push(digest),
  });
  expect(target.writes).not.toContain(`put ${sha256("old")}`);
  expect(reports).toContain(sha256("old"));
  target.writes.length = 0;
  await copyImage(image, source, target);
  expect(target.writes).toEqual([]);
});

test("progress grows to the size of the blob, whose end is told once", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const layer = randomBytes(300_000);
  const image = await putImage(source, [layer]);
  source.open = async (blob: Descriptor) =>
    Readable.from(chunks(source.blobs.get(blob.digest)!), { objectMode: false });
  const seen: number[] = [];
  await copyImage(image, source, target, {
    onProgress: ({ digest }, current) => digest === sha256(layer) && seen.push(current),
  });
  expect(seen.length).toBeGreaterThan(3);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(300_000);
});

test("no more than `jobs` blobs move at once", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["1", "2", "3", "4", "5", "6", "7"]);
  let [now, most] = [0, 0];
  const put = target.put.bind(target);
  target.put = async (...args) => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await put(...args);
    now -= 1;
  };
  await copyImage(image, source, target, { jobs: 3 });
  expect(most).toBe(3);
});

test("what mount places is not uploaded", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["mounted", "not"]);
  const mount = async ({ digest }: Descriptor) => {
    if (digest !== sha256("mounted")) return false;
    target.blobs.set(digest, Buffer.from("mounted"));
    return true;
  };
  await copyImage(image, source, target, { mount });
  expect(target.writes).not.toContain(`put ${sha256("mounted")}`);
  expect(target.writes).toContain(`put ${sha256("not")}`);
});

test("a part that is missing fails the copy, and nothing is named", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["there", "lost"]);
  source.blobs.delete(sha256("lost"));
  await expect(copyImage(image, source, target, { tag: "1" })).rejects.toMatchObject({ code: "blob_not_found" });
  expect([target.manifests.size, target.named.size]).toEqual([0, 0]);
});

test("a failure stops what is under way before it is told", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["1", "2", "3", "fails"]);
  let running = 0;
  target.put = async (blob, _content, options) => {
    if (blob.digest === sha256("fails")) throw new Error("disk on fire");
    running += 1;
    await new Promise<void>((resolve) => options!.signal!.addEventListener("abort", () => setTimeout(resolve, 20)));
    running -= 1;
    throw options!.signal!.reason;
  };
  await expect(copyImage(image, source, target)).rejects.toThrow("disk on fire");
  expect(running).toBe(0);
});

test("an aborted copy is interrupted", async () => {
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const image = await putImage(source, ["1"]);
  await expect(copyImage(image, source, target, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "interrupted",
  });
  expect(target.writes).toEqual([]);
});

function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 50_000) yield bytes.subarray(from, from + 50_000);
}
