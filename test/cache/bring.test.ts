// A blob that several need at once is brought by one of them.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { copyBlob } from "../../oci/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { describeBytes } from "../helpers/sample-image.js";

let home: string;
const stores: Store[] = [];
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "tsbuild-bring-"))));
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  rmSync(home, { recursive: true });
});

function open(): Store {
  const store = Store.openAt(home);
  stores.push(store);
  return store;
}

const bytes = randomBytes(10_000);
const blob = describeBytes(bytes);

/** A place with the blob that takes its time, and counts. */
function slowSource(): MemoryStore & { opened: number } {
  const source = Object.assign(new MemoryStore(), { opened: 0 });
  source.open = async () => {
    source.opened += 1;
    await sleep(30);
    return Readable.from([bytes], { objectMode: false });
  };
  return source;
}

test("of several who copy a blob into one store, one opens it", async () => {
  const source = slowSource();
  await Promise.all([open(), open(), open()].map((store) => copyBlob(blob, source, store)));
  expect(source.opened).toBe(1);
  expect(stores.every((store) => store.blobs.hasSync(blob))).toBe(true);
  expect(readdirSync(join(home, "locks/blobs"))).toEqual([]);
});

test("when the one who brings it fails, the next one does", async () => {
  const [first, second] = [open(), open()];
  const failing = first.bring(blob, async () => {
    await sleep(20);
    throw new Error("the network is gone");
  });
  await sleep(5);
  const copying = copyBlob(blob, slowSource(), second);
  await expect(failing).rejects.toThrow("the network is gone");
  await copying;
  expect(second.blobs.hasSync(blob)).toBe(true);
});

test("who waits can be interrupted", async () => {
  const [first, second] = [open(), open()];
  let end = () => {};
  const bringing = first.bring(blob, () => new Promise((resolve) => (end = resolve)));
  const waiting = second.bring(blob, async () => {}, { signal: AbortSignal.timeout(20) });
  await expect(waiting).rejects.toMatchObject({ code: "interrupted" });
  end();
  await bringing;
});

test("a holder that is killed leaves the lock to the next one", async () => {
  const store = open();
  const path = store.paths.blobLock(blob.digest);
  await store.bring(blob, async () => {}); // makes the folder
  const holder = spawn("flock", ["--no-fork", path, "sleep", "60"], { stdio: "ignore" });
  while (!existsSync(path)) await sleep(5);
  holder.kill("SIGKILL");
  await copyBlob(blob, slowSource(), store);
  expect(store.blobs.hasSync(blob)).toBe(true);
});
