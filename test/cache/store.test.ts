// The store on disk: whole files only, many processes, damage that costs a step and never a build.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireLock, Store, tryLock } from "../../cache/index.js";
import { MediaType, sha256 } from "../../oci/index.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-store-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const blobOf = (text: string) => ({ mediaType: MediaType.layer, digest: sha256(text), size: Buffer.byteLength(text) });
const layer = { diffID: sha256("tar"), content: sha256("content"), size: 3, created: "2026-01-01T00:00:00.000Z" };
const record = { version: 1 as const, inputs: { op: "run" }, layer, duration: 1 };

describe("Store", () => {
  test("openAt() makes an OCI image layout that says its version", () => {
    Store.openAt(root);
    expect(JSON.parse(readFileSync(join(root, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(JSON.parse(readFileSync(join(root, "index.json"), "utf8"))).toMatchObject({
      schemaVersion: 2,
      manifests: [],
    });
    expect(readFileSync(join(root, "tsbuild-store"), "utf8")).toBe("1\n");
  });

  test("openAt() refuses a store of another version, and leaves it as it is", () => {
    writeFileSync(join(root, "tsbuild-store"), "2\n");
    expect(() => Store.openAt(root)).toThrow(expect.objectContaining({ code: "store_version" }));
    expect(readdirSync(root)).toEqual(["tsbuild-store"]);
  });

  test("a blob with the wrong digest is refused and leaves nothing", async () => {
    const store = Store.openAt(root);
    await expect(store.put(blobOf("right"), Readable.from([Buffer.from("wrong")]))).rejects.toMatchObject({
      code: "digest_mismatch",
    });
    expect(await store.has(blobOf("right"))).toBe(false);
    expect(readdirSync(join(root, "blobs", "sha256"))).toEqual([]);
    store.close();
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });

  test("a blob that was cut short is not there", async () => {
    const store = Store.openAt(root);
    await store.put(blobOf("content"), Readable.from([Buffer.from("content")]));
    truncateSync(store.blobs.path(sha256("content")), 3);
    expect(await store.has(blobOf("content"))).toBe(false);
    await expect(store.open(blobOf("content"))).rejects.toMatchObject({ code: "blob_not_found" });
  });

  test("a record that is damaged in any way is not known", () => {
    const store = Store.openAt(root);
    const key = "ab".repeat(32);
    store.records.put(key, record);
    expect(store.records.get(key)?.layer).toEqual(layer);
    const path = store.paths.fact("k1", key);
    const { length } = readFileSync(path);
    for (let size = 0; size < length - 1; size += 7) {
      truncateSync(path, size);
      expect(store.records.get(key)).toBeUndefined();
      store.records.put(key, record);
    }
  });

  test("an image index that is no JSON is said to be corrupt", () => {
    const store = Store.openAt(root);
    writeFileSync(join(root, "index.json"), "{");
    expect(() => store.names.list()).toThrow(expect.objectContaining({ code: "store_corrupt" }));
  });

  test("names that are set at the same time are all kept", async () => {
    const stores = Array.from({ length: 8 }, () => Store.openAt(root));
    await Promise.all(
      stores.map((store, index) => store.names.set(`docker.io/library/app:${index}`, blobOf(`manifest ${index}`))),
    );
    expect(new Set(stores[0]!.names.list().map(({ name }) => name)).size).toBe(8);
  });

  test("a name is replaced, and removed once", async () => {
    const store = Store.openAt(root);
    await store.names.set("app:1", blobOf("old"));
    await store.names.set("app:1", blobOf("new"));
    expect(store.names.list()).toEqual([{ name: "app:1", descriptor: blobOf("new") }]);
    expect(await store.names.remove("app:1")).toBe(true);
    expect(await store.names.remove("app:1")).toBe(false);
  });

  test("scratch of a process that died is removed, that of a living one stays", () => {
    const living = Store.openAt(root);
    const path = living.scratch();
    mkdirSync(join(root, "tmp", "1-dead"));
    writeFileSync(join(root, "tmp", "1-dead", "half"), "x");
    writeFileSync(join(root, "tmp", "1-dead.lock"), "");
    const other = Store.openAt(root);
    const paths = [path, other.scratch()].map((one) => one.slice(root.length + "/tmp/".length));
    const names = readdirSync(join(root, "tmp")).filter((name) => !name.endsWith(".lock"));
    expect(names.sort()).toEqual(paths.sort());
    living.close();
    other.close();
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });
});

describe("locks", () => {
  test("tryLock() excludes, release() lets the next in", () => {
    const path = join(root, "locks", "a");
    const first = tryLock(path);
    expect(first).toBeDefined();
    expect(tryLock(path)).toBeUndefined();
    first!.release();
    const second = tryLock(path);
    expect(second).toBeDefined();
    second!.remove();
  });

  test("acquireLock() waits, and gives up when it is told to", async () => {
    const path = join(root, "locks", "a");
    const first = await acquireLock(path);
    await expect(acquireLock(path, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    setTimeout(() => first.release(), 20);
    (await acquireLock(path)).release();
  });

  test("a lock file that its holder removes excludes nobody afterwards", async () => {
    const path = join(root, "locks", "a");
    const first = tryLock(path)!;
    const waiting = acquireLock(path);
    first.remove();
    const second = await waiting;
    expect(tryLock(path)).toBeUndefined();
    second.release();
  });
});
