// A machine that lost power: names are there, content may not be.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { MediaType, sha256 } from "../../oci/index.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-recovery-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const blobOf = (text: string) => ({ mediaType: MediaType.layer, digest: sha256(text), size: Buffer.byteLength(text) });

async function filledStore(): Promise<Store> {
  const store = Store.openAt(root);
  for (const text of ["whole", "damaged"]) await store.put(blobOf(text), Readable.from([Buffer.from(text)]));
  mkdirSync(store.paths.layer(sha256("whole")), { recursive: true });
  store.close();
  return store;
}

/** As if the machine had been started anew: the marker is of another boot. */
function restartMachine(): void {
  const [boot = ""] = readdirSync(join(root, "journal"));
  renameSync(join(root, "journal", boot), join(root, "journal", "another-boot"));
}

test("after a restart, young blobs are hashed again and unpacked layers dropped", async () => {
  const { blobs, paths } = await filledStore();
  truncateSync(blobs.path(sha256("damaged")), 0);
  restartMachine();
  Store.openAt(root);
  expect(existsSync(blobs.path(sha256("whole")))).toBe(true);
  expect(existsSync(blobs.path(sha256("damaged")))).toBe(false);
  expect(existsSync(paths.layer(sha256("whole")))).toBe(false);
  expect(readdirSync(join(root, "journal"))).toEqual([]);
});

test("without a restart nothing is looked at", async () => {
  const { paths } = await filledStore();
  Store.openAt(root);
  expect(existsSync(paths.layer(sha256("whole")))).toBe(true);
});

test("what was written long before the machine stopped is trusted", async () => {
  const { paths } = await filledStore();
  restartMachine();
  const later = Date.now() / 1000 + 3600;
  utimesSync(join(root, "journal", "another-boot"), later, later);
  Store.openAt(root);
  expect(existsSync(paths.layer(sha256("whole")))).toBe(true);
});
