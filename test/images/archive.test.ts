import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inspectImage, listImages, loadImages, saveImages } from "../../images/index.js";
import { hexOf, type Index } from "../../oci/index.js";
import { damagedBlobs } from "../helpers/leftovers.js";
import { SampleStore } from "./sample-store.js";

const TWO = [{ tree: { a: "one" } }, { tree: { b: "two".repeat(5000) } }];
const arm = { os: "linux", architecture: "arm64" };

async function saved(sample: SampleStore, words: readonly string[], options = {}): Promise<Buffer> {
  const stream = new PassThrough();
  const bytes = buffer(stream);
  await saveImages(sample.store, words, stream, options);
  return bytes;
}

const load = (sample: SampleStore, bytes: Uint8Array) => loadImages(sample.store, Readable.from([bytes]));

describe("saveImages() and loadImages() (row 330)", () => {
  test.each([
    ["docker", false],
    ["docker", true],
    ["oci", false],
    ["oci", true],
  ] as const)(
    "take images with their IDs and names from store to store; %s, compressed: %s",
    async (format, compressed) => {
      const [from, to] = [new SampleStore(), new SampleStore()];
      const first = await from.image({ names: ["app:1", "reg.example:5000/x:2"], layers: TWO, compressed });
      const second = await from.image({ layers: TWO.slice(0, 1), compressed });
      const archive = await saved(from, ["app:1", "reg.example:5000/x:2", second.imageId], { format });
      const loaded = await load(to, archive);
      expect(new Map(loaded.map(({ imageId, names }) => [imageId, names]))).toEqual(
        new Map([
          [first.imageId, ["app:1", "reg.example:5000/x:2"]],
          [second.imageId, []],
        ]),
      );
      expect((await listImages(to.store)).map(({ name, imageId }) => [name, imageId])).toEqual([
        ["app:1", first.imageId],
        ["reg.example:5000/x:2", first.imageId],
        [undefined, second.imageId],
      ]);
      expect(damagedBlobs(to.home)).toEqual([]);
      expect(await saved(to, ["app:1"], { format: "docker" })).toEqual(
        await saved(from, ["app:1"], { format: "docker" }),
      );
    },
  );

  test("an OCI archive keeps the digest of the manifest", async () => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    const { descriptor } = await from.image({ names: ["app:1"], compressed: true });
    const [loaded] = await load(to, await saved(from, ["app:1"], { format: "oci" }));
    expect(loaded!.descriptor).toEqual(descriptor);
  });

  test.each([
    ["gzip", gzipSync],
    ["bzip2", (bytes: Buffer) => execFileSync("bzip2", ["-c"], { input: bytes })],
    ["xz", (bytes: Buffer) => execFileSync("xz", ["-0c"], { input: bytes })],
    ["zstd", (bytes: Buffer) => execFileSync("zstd", ["-c"], { input: bytes })],
  ])("an archive in %s is known by its first bytes", async (_, compress) => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    const { imageId } = await from.image({ names: ["app:1"] });
    expect(await load(to, compress(await saved(from, ["app:1"])))).toMatchObject([{ imageId, names: ["app:1"] }]);
  });

  test("a repository without a tag means all its tags, a name twice is there once", async () => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    await from.image({ names: ["app:1"] });
    await from.image({ names: ["app:2"], layers: TWO });
    await load(to, await saved(from, ["app", "app:2"]));
    expect((await listImages(to.store)).map(({ name }) => name).sort()).toEqual(["app:1", "app:2"]);
  });

  test("an index goes with all its platforms in OCI, with one for docker", async () => {
    const [from, to, other] = [new SampleStore(), new SampleStore(), new SampleStore()];
    const amd = await from.image();
    const second = await from.image({ platform: arm, layers: TWO });
    const manifests = [amd, second].map(({ descriptor }, i) => ({
      ...descriptor,
      platform: i === 0 ? { os: "linux", architecture: "amd64" } : arm,
    }));
    const descriptor = await from.index(["multi:1"], manifests);
    const [loaded] = await load(to, await saved(from, ["multi:1"], { format: "oci" }));
    expect(loaded).toMatchObject({ descriptor, names: ["multi:1"] });
    expect((await inspectImage(to.store, "multi:1", { platform: "linux/arm64" })).imageId).toBe(second.imageId);
    expect(await load(other, await saved(from, ["multi:1"], { platform: "linux/arm64" }))).toMatchObject([
      { imageId: second.imageId, names: ["multi:1"] },
    ]);
  });

  test("a file is there whole or not at all", async () => {
    const from = new SampleStore();
    const { descriptor } = await from.image({ names: ["app:1"] });
    const { manifest } = await inspectImage(from.store, descriptor.digest);
    const layer = from.store.blobs.path(manifest.layers[0]!.digest);
    writeFileSync(layer, Buffer.alloc(manifest.layers[0]!.size, 7));
    const dest = join(from.path, "out", "app.tar");
    await expect(saveImages(from.store, ["app:1"], dest)).rejects.toMatchObject({
      message: expect.stringContaining(manifest.layers[0]!.digest),
    });
    expect(existsSync(dest)).toBe(false);
    expect(readdirSync(join(from.path, "out"))).toEqual([]);
  });
});

test("loadImages() can be interrupted while a pipe is silent, and leaves nothing", async () => {
  const to = new SampleStore();
  const aborter = new AbortController();
  const loading = loadImages(to.store, new PassThrough(), { signal: aborter.signal });
  setTimeout(() => aborter.abort(), 20);
  await expect(loading).rejects.toMatchObject({ code: "interrupted" });
  expect(readdirSync(to.store.scratch())).toEqual([]);
});

describe("what other tools write is loaded, and theirs reads what is saved", () => {
  test.each(["docker-archive", "oci-archive"])("skopeo: %s", async (transport) => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    const { imageId } = await from.image({ names: ["app:1"], layers: TWO });
    const [ours, theirs] = [join(from.path, "ours.tar"), join(from.path, "theirs.tar")];
    await saveImages(from.store, ["app:1"], ours, { format: transport === "oci-archive" ? "oci" : "docker" });
    const suffix = transport === "oci-archive" ? "1" : "app:1";
    execFileSync("skopeo", ["copy", "-q", `${transport}:${ours}:${suffix}`, `${transport}:${theirs}:reg.example/y:3`]);
    const loaded = await loadImages(to.store, createReadStream(theirs));
    expect(loaded).toMatchObject([{ imageId, names: ["reg.example/y:3"] }]);
  });

  test("podman: archives of several images, both ways", async () => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    const [one, two] = [
      await from.image({ names: ["reg.example/a:1"] }),
      await from.image({ names: ["reg.example/b:2"], layers: TWO }),
    ];
    const names = ["reg.example/a:1", "reg.example/b:2"];
    const [ours, theirs] = [join(from.path, "ours.tar"), join(from.path, "theirs.tar")];
    await saveImages(from.store, names, ours);
    const storage = ["--root", join(from.path, "pm"), "--runroot", join(from.path, "pm-run"), "--storage-driver=vfs"];
    const podman = (...args: readonly string[]) => execFileSync("podman", [...storage, ...args], { encoding: "utf8" });
    expect(podman("load", "-q", "-i", ours)).toBe(names.map((name) => `Loaded image: ${name}\n`).join(""));
    podman("save", "-q", "-m", "-o", theirs, ...names);
    const ids = [one.imageId, two.imageId].map((imageId, position) => ({ imageId, names: [names[position]] }));
    expect(await loadImages(to.store, createReadStream(theirs))).toMatchObject(ids);
  });

  test("old archives of docker, whose layers are links to one another", async () => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    const { imageId } = await from.image({ names: ["app:1"], layers: [TWO[0]!, TWO[0]!] });
    const folder = unpack(from, await saved(from, ["app:1"]));
    const [{ Config, Layers }] = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as [
      { Config: string; Layers: string[] },
    ];
    const script = `mkdir one two && mv ${Layers[0]} one/layer.tar && ln -s ../one/layer.tar two/layer.tar && mv ${Config} c.json`;
    execFileSync("sh", ["-ec", script], { cwd: folder });
    const manifest = [{ Config: "c.json", RepoTags: null, Layers: ["one/layer.tar", "two/layer.tar"] }];
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    expect(await load(to, pack(folder))).toMatchObject([{ imageId, names: [] }]);
  });
});

describe("damaged and hostile archives are refused, and leave nothing", () => {
  type Change = (folder: string, layer: string) => void;
  const rewrite = (name: string, edit: (value: any) => unknown) => (folder: string) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(edit(JSON.parse(readFileSync(path, "utf8")))));
  };
  test.each<[string, "docker" | "oci", Change, RegExp]>([
    [
      "a layer with other bytes",
      "docker",
      (folder, layer) => append(folder, layer),
      /layer "blobs.*expected diffID sha256/,
    ],
    [
      "a layer with other bytes",
      "oci",
      (folder, layer) => append(folder, layer),
      /blob sha256:\w+: expected \d+ bytes/,
    ],
    ["a layer that is missing", "docker", remove, /expected the layer "blobs/],
    ["a layer that is missing", "oci", remove, /the archive has no blob sha256/],
    [
      "no manifest",
      "docker",
      (folder) => execFileSync("rm", [join(folder, "manifest.json")]),
      /manifest.json or index.json/,
    ],
    ["a manifest that is no list", "docker", rewrite("manifest.json", () => ({})), /expected a list of images/],
    ["a list of nothing", "docker", rewrite("manifest.json", () => []), /expected a list of images/],
    [
      "a config outside",
      "docker",
      rewrite("manifest.json", ([one]) => [{ ...one, Config: "../../etc/passwd" }]),
      /found nothing/,
    ],
    [
      "names that are no names",
      "docker",
      rewrite("manifest.json", ([one]) => [{ ...one, RepoTags: ["A B"] }]),
      /image reference/,
    ],
    ["too few layers", "docker", rewrite("manifest.json", ([one]) => [{ ...one, Layers: [] }]), /expected 1 layers/],
    [
      "an index of nothing",
      "oci",
      rewrite("index.json", (index: Index) => ({ ...index, manifests: [] })),
      /expected images in index/,
    ],
    ["an index that is none", "oci", rewrite("index.json", () => 7), /image index/],
  ])("%s: %s", async (_, format, change, message) => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    const { descriptor } = await from.image({ names: ["app:1"] });
    const { manifest } = await inspectImage(from.store, descriptor.digest);
    const folder = unpack(from, await saved(from, ["app:1"], { format }));
    change(folder, join(folder, "blobs/sha256", hexOf(manifest.layers[0]!.digest)));
    await expect(load(to, pack(folder))).rejects.toMatchObject({ message: expect.stringMatching(message) });
    expect(await listImages(to.store)).toEqual([]);
    expect(readdirSync(to.store.scratch())).toEqual([]);
    expect(damagedBlobs(to.home)).toEqual([]);
  });

  test.each([0, 100, 512, 2000, 5000])("one that ends after %d bytes", async (length) => {
    const [from, to] = [new SampleStore(), new SampleStore()];
    await from.image({ names: ["app:1"] });
    const archive = await saved(from, ["app:1"]);
    await expect(load(to, archive.subarray(0, length))).rejects.toMatchObject({ code: "bad_archive" });
    expect(await listImages(to.store)).toEqual([]);
  });
});

function unpack(sample: SampleStore, archive: Buffer): string {
  const folder = join(sample.path, "unpacked");
  mkdirSync(folder);
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  return folder;
}

function pack(folder: string): Buffer {
  return execFileSync("tar", ["-c", "-C", folder, "."], { maxBuffer: 1 << 28 });
}

function append(_folder: string, layer: string): void {
  writeFileSync(layer, "more", { flag: "a" });
}

function remove(_folder: string, layer: string): void {
  execFileSync("rm", [layer]);
}
