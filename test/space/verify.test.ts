// `tsbuild cache verify` beside prune, and images that lack a part (S-198, features row 355).

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { contentDigest } from "../../filesystem/index.js";
import { canonicalJson, type Descriptor, hexOf, MediaType, sha256 } from "../../oci/index.js";
import { confirm, type Suspect } from "../../space/suspect.js";
import { verifyStore } from "../../space/verify.js";
import { wrongFacts } from "../../space/verify-facts.js";
import { wrongImages } from "../../space/verify-images.js";
import { wrongLayers } from "../../space/verify-layers.js";

let store: Store;
beforeEach(() => void (store = Store.openAt(mkdtempSync(join(tmpdir(), "tsbuild-verify-")))));
afterEach(() => {
  store.close();
  rmSync(store.paths.root, { recursive: true, force: true });
});

const NONE: ReadonlySet<string> = new Set();
const KEY = "ab".repeat(32);
const layer = { diffID: sha256("tar"), content: sha256("content"), size: 3, created: "2026-01-01T00:00:00.000Z" };
const index = { diffID: layer.diffID, content: contentDigest([]), size: 3, changes: [] };

/** Looks, lets something happen, and looks again. */
async function confirmedAfter(suspects: Iterable<Suspect>, happens: () => void) {
  const all = [...suspects];
  expect(all).toHaveLength(1);
  happens();
  return confirm(store, all[0]!, true);
}

describe("what prune takes between two looks is no damage", () => {
  test("a record whose blob went first", async () => {
    store.records.put(KEY, { version: 1, inputs: {}, layer, duration: 1 });
    const path = store.paths.fact("k1", KEY);
    const { wrong } = wrongFacts(store, NONE);
    expect(await confirmedAfter(wrong, () => rmSync(path))).toBeUndefined();
    store.records.put(KEY, { version: 1, inputs: {}, layer, duration: 1 });
    expect(await confirmedAfter(wrongFacts(store, NONE).wrong, () => {})).toMatchObject({ kind: "record" });
    expect(store.records.get(KEY)).toBeUndefined();
  });

  test("a record whose layer a build made meanwhile", async () => {
    store.records.put(KEY, { version: 1, inputs: {}, layer, duration: 1 });
    const made = () => writeFileSync(store.blobs.path(layer.diffID), "tar");
    expect(await confirmedAfter(wrongFacts(store, NONE).wrong, made)).toBeUndefined();
    expect(store.records.get(KEY)).toBeDefined();
  });

  test("an index, and an unpacked layer", async () => {
    store.putLayerIndex(index);
    mkdirSync(join(store.paths.layer(index.diffID), "extra"), { recursive: true });
    const unpacked = await wrongLayers(store, undefined);
    const gone = () => rmSync(store.paths.layer(index.diffID), { recursive: true });
    expect(await confirmedAfter(unpacked.wrong, gone)).toBeUndefined();
    writeFileSync(store.paths.layerIndex(index.diffID), "damaged");
    const damaged = await wrongLayers(store, undefined);
    expect(await confirmedAfter(damaged.wrong, () => rmSync(store.paths.layerIndex(index.diffID)))).toBeUndefined();
  });

  test("an image whose name was taken away", async () => {
    const manifest = await putImage();
    rmSync(store.blobs.path(manifest.digest));
    const untagged = () => writeFileSync(store.paths.imageIndex, '{"schemaVersion":2,"manifests":[]}');
    expect(await confirmedAfter(wrongImages(store, NONE), untagged)).toBeUndefined();
  });
});

test("an unpacked layer with a file that is not of the layer is dropped", async () => {
  store.putLayerIndex(index);
  mkdirSync(join(store.paths.layer(index.diffID), "extra"), { recursive: true });
  const { findings } = await verifyStore(store);
  expect(findings).toMatchObject([{ kind: "unpacked", message: '"/extra" is not of the layer' }]);
  expect(await verifyStore(store)).toMatchObject({ findings: [] });
});

test("a build whose record is damaged is dropped with its logs; one that kept nothing yet is no damage", async () => {
  const [damaged, young] = [store.newBuild(), store.newBuild()];
  for (const one of [damaged, young]) one.write("1", Buffer.from("log"));
  damaged.saveRecord({});
  writeFileSync(join(store.paths.builds, damaged.id, "build.json"), "{");
  for (const one of [damaged, young]) one.close();
  const { findings } = await verifyStore(store);
  expect(findings).toEqual([{ kind: "build", name: `builds/${damaged.id}`, message: "its record cannot be read" }]);
  expect(readdirSync(store.paths.builds)).toEqual([young.id]);
});

describe("an image that lacks a layer", () => {
  const lost = `the store has lost ${sha256("layer")}`;

  test("is reported as long as it does, and keeps its name", async () => {
    await putImage();
    expect(await verifyStore(store)).toMatchObject({ findings: [] });
    writeFileSync(store.blobs.path(sha256("layer")), "other");
    const { findings } = await verifyStore(store);
    expect(findings.map(({ kind }) => kind)).toEqual(["blob", "image"]);
    const image = { name: "docker.io/library/app:1", message: expect.stringContaining(lost), stays: true };
    expect((await verifyStore(store)).findings).toMatchObject([image]);
    expect(store.names.get("docker.io/library/app:1")).toBeDefined();
  });

  test("is no damage when a registry is known to have it: a note says how to fetch it", async () => {
    const manifest = await putImage();
    store.registryDigests.put(hexOf(manifest.digest), [`reg.example/app@${manifest.digest}`]);
    expect(await verifyStore(store)).toMatchObject({ findings: [], notes: [] });
    rmSync(store.blobs.path(sha256("layer")));
    const message = `it lacks ${sha256("layer")}, which reg.example has: fetch it with tsbuild pull reg.example/app@${manifest.digest}`;
    const notes = [{ name: "docker.io/library/app:1", message }];
    expect(await verifyStore(store)).toMatchObject({ findings: [], notes });
  });

  test("is reported when the registry has it only compressed", async () => {
    const manifest = await putImage();
    rmSync(store.blobs.path(sha256("layer")));
    store.registryDigests.put(hexOf(manifest.digest), [`docker.io/library/app@${sha256("pushed")}`]);
    expect(await verifyStore(store)).toMatchObject({ findings: [{ kind: "image" }], notes: [] });
  });

  test("of an index, for one of its platforms; platforms that were never fetched are no loss", async () => {
    const manifest = await putImage();
    const platform = { os: "linux", architecture: "arm64" };
    const elsewhere = { mediaType: MediaType.manifest, digest: sha256("elsewhere"), size: 9 };
    const bytes = canonicalJson({ schemaVersion: 2, manifests: [{ ...manifest, platform }, elsewhere] });
    await store.names.set("docker.io/library/app:1", await put(bytes, MediaType.index));
    expect(await verifyStore(store)).toMatchObject({ findings: [] });
    rmSync(store.blobs.path(sha256("layer")));
    expect((await verifyStore(store)).findings).toMatchObject([
      { message: expect.stringContaining("for linux/arm64") },
    ]);
  });
});

async function put(text: string, mediaType: string): Promise<Descriptor> {
  const blob = { mediaType, digest: sha256(text), size: Buffer.byteLength(text) };
  await store.put(blob, Readable.from([Buffer.from(text)]));
  return blob;
}

/** An image of one layer, `docker.io/library/app:1`. @returns its manifest */
async function putImage(): Promise<Descriptor> {
  const config = await put("{}", MediaType.config);
  const layers = [await put("layer", MediaType.layer)];
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers };
  const descriptor = await put(canonicalJson(manifest), MediaType.manifest);
  await store.names.set("docker.io/library/app:1", descriptor);
  return descriptor;
}
