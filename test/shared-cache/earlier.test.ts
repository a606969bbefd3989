// What a cache says of a step that it has in another form.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { sha256 } from "../../oci/index.js";
import type { Vertex } from "../../planner/index.js";
import { EarlierSteps, placeOf } from "../../shared-cache/earlier.js";
import type { CacheGroup, CacheIndex } from "../../shared-cache/format.js";
import { CacheImports } from "../../shared-cache/imports.js";
import { encodeInputs } from "../../shared-cache/inputs.js";
import { packed } from "../filesystem/layers.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { entries, file } from "../helpers/tree.js";
import { sampleIndex, sampleRecord } from "./sample-index.js";

let folder: string;
let store: Store;
let blobs: MemoryStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsbuild-earlier-"));
  store = Store.openAt(folder);
  blobs = new MemoryStore();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const kind = { platform: "linux/amd64", target: "", dockerfile: "Dockerfile" };
const step = (name: string) => ({ name }) as Vertex;

function group(name: string, step: string, inputs: unknown, of: Partial<CacheGroup> = {}): CacheGroup {
  const record = { ...sampleRecord(name, 0), step };
  const { bytes, descriptor } = encodeInputs(new Map([[record.key, inputs]]));
  blobs.blobs.set(descriptor.digest, bytes);
  return { ...kind, records: [record], inputs: descriptor, ...of };
}

function earlier(index: CacheIndex): EarlierSteps {
  const unused = () => Promise.reject(new Error("read only"));
  const place = { name: "one", scope: "", blobs, readIndex: async () => index, writeIndex: unused };
  const { signal } = new AbortController();
  const imports = new CacheImports([place], { store, written: new Set(), emit: () => {}, signal });
  return new EarlierSteps({ imports, store, kind, signal });
}

test("find() gives the inputs of the same text, else of the same place, of the same kind of build first", async () => {
  const groups = [
    group("a", "[2/3] RUN a", { args: ["a"] }),
    group("b", "[2/3] RUN b", { args: ["b"] }, { target: "other" }),
  ];
  const steps = earlier({ ...sampleIndex(), groups });
  expect(await steps.find(step("[2/9] RUN a"))).toMatchObject({
    key: groups[0]!.records[0]!.key,
    record: { inputs: { args: ["a"] } },
  });
  expect((await steps.find(step("[2/3] RUN new")))?.record.inputs).toEqual({ args: ["a"] });
  expect((await steps.find(step("[3/3] RUN b")))?.record.inputs).toEqual({ args: ["b"] });
  expect(await steps.find(step("[build 3/3] RUN a"))).toBeUndefined();
});

test("inputs are fetched when a step asks, once, and what cannot be had is no failure", async () => {
  const index = { ...sampleIndex(), groups: [group("a", "[2/3] RUN a", {})] };
  const steps = earlier(index);
  const { digest } = index.groups[0]!.inputs!;
  blobs.blobs.set(digest, Buffer.from("damaged"));
  expect(await steps.find(step("[2/3] RUN a"))).toBeUndefined();
  expect(await earlier(sampleIndex()).find(step("RUN make"))).toBeUndefined(); // an inline cache has no inputs
});

test("values that look private are compared as the cache has them", async () => {
  const env = ["PATH=/bin", "NPM_TOKEN=s3cret"];
  const steps = earlier({ ...sampleIndex(), groups: [group("a", "[2/3] RUN a", { env })] });
  const { record, shown } = (await steps.find(step("[2/3] RUN a")))!;
  expect(JSON.stringify(record)).not.toContain("s3cret");
  expect(shown({ env })).toEqual(record.inputs);
});

test("bringIndex() fetches a small layer, and keeps what files it has", async () => {
  const path = join(folder, "layer.tar");
  const { diffID } = await packed(entries({ a: file("1") }), path, { a: "1" });
  const tar = readFileSync(path);
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: diffID, size: tar.length };
  const known = group("a", "[2/3] COPY a /", { op: "copy" });
  const of = (size: number) => ({
    ...sampleIndex(),
    groups: [{ ...known, records: [{ ...known.records[0]!, diffID }] }],
    layers: [{ ...layer, size }],
  });
  const bring = async (size: number) => (await earlier(of(size)).find(step("[2/3] COPY a /")))!.bringIndex();
  await bring(tar.length); // it is nowhere: no failure
  blobs.blobs.set(diffID, tar);
  await bring(5 << 20);
  expect(store.layerIndex(diffID)).toBeUndefined();
  await bring(tar.length);
  expect(store.layerIndex(diffID)?.changes).toMatchObject([{ path: "a", digest: sha256("1") }]);
});

test("placeOf() takes names of steps apart as caches have them", () => {
  expect(placeOf("[linux/arm64 builder 2/5] RUN npm ci")).toMatchObject({ stage: "linux/arm64 builder", position: 2 });
  expect(placeOf("[2/5] RUN npm ci")).toMatchObject({ stage: "", position: 2, text: "RUN npm ci" });
  expect(placeOf(`[2/5] RUN ${"x".repeat(300)}`)).toEqual(placeOf(`[2/5] RUN ${"x".repeat(300)}`.slice(0, 200)));
});
