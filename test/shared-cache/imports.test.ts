// What is believed of the caches that a build reads.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { readBlob, sha256 } from "../../oci/index.js";
import type { BuildFact } from "../../progress.js";
import type { CacheIndex } from "../../shared-cache/format.js";
import { CacheImports } from "../../shared-cache/imports.js";
import type { CachePlace } from "../../shared-cache/place.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { sampleIndex, sampleRecord } from "./sample-index.js";

let folder: string;
let store: Store;
let facts: BuildFact[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsbuild-imports-"));
  store = Store.openAt(folder);
  facts = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

interface Place extends CachePlace {
  reads: number;
  readonly blobs: MemoryStore;
}

function place(name: string, index: CacheIndex | undefined | Error): Place {
  return {
    name,
    scope: "",
    reads: 0,
    blobs: new MemoryStore(),
    async readIndex() {
      this.reads++;
      if (index instanceof Error) throw index;
      return index;
    },
    writeIndex: () => Promise.reject(new Error("read only")),
  };
}

const open = (...places: readonly CachePlace[]) =>
  new CacheImports(places, { store, written: new Set(["own"]), emit: (fact) => void facts.push(fact) });
const warnings = () => facts.flatMap((fact) => (fact.type === "warning" ? [fact.message] : []));
const { key } = sampleRecord("make");
const blobless = (): CacheIndex => ({
  ...sampleIndex(),
  groups: [{ platform: "", target: "", dockerfile: "", records: [sampleRecord("make")] }],
  layers: [],
});

describe("CacheImports", () => {
  test("asks nobody before it is asked, and each place once", async () => {
    const one = place("one", sampleIndex());
    const imports = open(one);
    expect(one.reads).toBe(0);
    await Promise.all([imports.find(key), imports.find(key), imports.findContent(sha256("content make"))]);
    expect(one.reads).toBe(1);
  });

  test("row 264: the first place counts, but one with the layer comes before one with the record only", async () => {
    const origin = async (...places: readonly CachePlace[]) => (await open(...places).find(key))?.origin;
    expect(await origin(place("a", sampleIndex()), place("b", sampleIndex()))).toMatchObject({ cache: "a" });
    expect(await origin(place("a", blobless()), place("b", sampleIndex()))).toMatchObject({ cache: "b" });
    expect(await origin(place("a", blobless()))).toMatchObject({ cache: "a" });
    expect(await origin(place("a", undefined), place("b", sampleIndex()))).toMatchObject({ cache: "b" });
  });

  test("row 265: what cannot be read is a warning, and an error that is a bug is thrown", async () => {
    const broken = new TsbuildError("registry_unreachable", "cannot reach reg.example: connection refused");
    const imports = open(place("a", undefined), place("own", undefined), place("b", broken));
    expect(await imports.find(key)).toBeUndefined();
    expect(warnings()).toEqual([
      "there is no cache at a",
      "the cache at b is not used: cannot reach reg.example: connection refused",
    ]);
    await expect(open(place("c", new TypeError("a bug"))).find(key)).rejects.toThrow("a bug");
  });

  test("a record without a layer is no layer by its content", async () => {
    expect(await open(place("a", blobless())).findContent(sha256("content make"))).toBeUndefined();
  });

  test("a layer that cannot be had is not promised again", async () => {
    const imports = open(place("a", sampleIndex()));
    const found = await imports.find(key);
    const blobs = imports.open("a");
    await expect(blobs.open(found!.layer.blob!)).rejects.toMatchObject({ code: "blob_not_found" });
    expect(await imports.find(key)).toBeUndefined();
    expect(imports.lost).toEqual(new Set([found!.layer.blob!.digest]));
    expect(warnings()).toEqual([
      expect.stringMatching(/^the cache a gives no layer sha256:\w+, so its step runs here: /),
    ]);
  });

  test("bytes that are not those of the index are noticed, and a blob that no record names is not given", async () => {
    const one = place("a", sampleIndex());
    const imports = open(one);
    const { blob } = (await imports.find(key))!.layer;
    one.blobs.blobs.set(blob!.digest, Buffer.alloc(blob!.size));
    await expect(readBlob(imports.open("a"), blob!)).rejects.toMatchObject({ code: "digest_mismatch" });
    expect(imports.lost.has(blob!.digest)).toBe(true);
    const other = Buffer.from("private");
    const descriptor = { mediaType: "text/plain", digest: sha256(other), size: other.length };
    await one.blobs.put(descriptor, Readable.from([other]));
    await expect(imports.open("a").open(descriptor)).rejects.toMatchObject({ code: "blob_not_found" });
  });

  test("a layer whose tar is here is taken from here", async () => {
    const tar = Buffer.from("a tar");
    const record = { ...sampleRecord("make", 0), diffID: sha256(tar), size: tar.length };
    const index = { ...sampleIndex(), groups: [{ platform: "", target: "", dockerfile: "", records: [record] }] };
    await store.put({ mediaType: "x", digest: sha256(tar), size: tar.length }, Readable.from([tar]));
    expect((await open(place("a", index)).find(key))!.layer.blob).toBeUndefined();
  });

  test("only caches that the build reads are trusted", () => {
    const imports = open(place("registry reg.example/app:main", undefined));
    expect(imports.trusts("registry reg.example/app:main")).toBe(true);
    expect(imports.trusts("registry reg.example/app:main-pr-1")).toBe(false);
  });
});
