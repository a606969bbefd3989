// Limits of the cache while a build runs and when it has ended.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Store } from "../../cache/index.js";
import { MediaType, sha256 } from "../../oci/index.js";
import { SpaceKeeper } from "../../space/index.js";

const blob = { mediaType: MediaType.layer, digest: sha256("layer"), size: 5 };
let root: string;
let store: Store;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-keeper-"));
  store = Store.openAt(root);
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(root, { recursive: true, force: true });
});

test("SpaceKeeper leaves what the build has used while it runs, and takes it when it has ended", async () => {
  const keeper = new SpaceKeeper(store, 0);
  await store.put(blob, Readable.from([Buffer.from("layer")]));
  vi.useFakeTimers({ now: Date.now() + 6000, toFake: ["Date"] });
  keeper.grown();
  expect(await store.has(blob)).toBe(true);
  keeper.end();
  expect(await store.has(blob)).toBe(false);
});

test("SpaceKeeper leaves what another build of this process may have used, until that has ended", async () => {
  const other = Store.openAt(root);
  const keeper = new SpaceKeeper(store, 0);
  await store.put(blob, Readable.from([Buffer.from("layer")]));
  keeper.end();
  expect(await store.has(blob)).toBe(true);
  other.close();
  keeper.end();
  expect(await store.has(blob)).toBe(false);
});

test("SpaceKeeper leaves images that have a name", async () => {
  await store.put(blob, Readable.from([Buffer.from("layer")]));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config: blob, layers: [blob] }));
  await store.putManifest(
    { mediaType: MediaType.manifest, digest: sha256(manifest), size: manifest.length },
    manifest,
    "docker.io/library/app:1",
  );
  new SpaceKeeper(store, 0).end();
  expect(await store.has(blob)).toBe(true);
});

test("SpaceKeeper looks at a store with a gc.json only when something was added", async () => {
  await store.put(blob, Readable.from([Buffer.from("layer")]));
  await setTimeout(70);
  writeFileSync(join(root, "gc.json"), '{"policies":[{"all":true,"maxUsedSpace":0}]}');
  new SpaceKeeper(store).end();
  expect(await store.has(blob)).toBe(true);
  const keeper = new SpaceKeeper(store);
  await store.put({ ...blob, digest: sha256("other") }, Readable.from([Buffer.from("other")]));
  keeper.end();
  expect(await store.has(blob)).toBe(false);
});
