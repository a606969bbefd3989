// Archives of others, read where they are and from a stream: what is in them, and what is wrong with them.

import { execFileSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type ArchiveEntry,
  ArchiveImages,
  formOf,
  openArchive,
  stageArchive,
  writeArchive,
} from "../../archives/index.js";
import { Members } from "../../archives/members.js";
import { type Descriptor, type Digest, parseManifest, readBlob, sha256 } from "../../oci/index.js";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "tsbuild-archives-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);
const store = { scratch: () => directory };
const LAYER = Buffer.alloc(2048);
const compress = (program: string, bytes: Uint8Array) => execFileSync(program, ["-c"], { input: bytes });

type Files = Readonly<Record<string, string | Uint8Array | object>>;

/** @returns where it is */
async function archive(files: Files): Promise<string> {
  async function* entries(): AsyncGenerator<ArchiveEntry> {
    for (const [name, content] of Object.entries(files)) {
      const isPlain = typeof content === "string" || content instanceof Uint8Array;
      const bytes = Buffer.from(isPlain ? content : JSON.stringify(content));
      yield { name, size: bytes.length, content: [bytes] };
    }
  }
  await writeArchive(entries(), at("a.tar"));
  return at("a.tar");
}

/** A config, and what `manifest.json` says of it. */
function dockerImage(name: string, diffIDs: readonly Digest[], layers: readonly string[], tags: readonly string[]) {
  const rootfs = { type: "layers", diff_ids: diffIDs };
  const config = { architecture: "amd64", os: "linux", config: { Labels: { name } }, rootfs };
  return { files: { [name]: config }, listed: { Config: name, RepoTags: tags, Layers: layers } };
}

/** One image with one layer. */
function oneLayer(layer: Uint8Array, diffID = sha256(LAYER)): Files {
  const { files, listed } = dockerImage("c.json", [diffID], ["l/layer.tar"], ["app:1"]);
  return { ...files, "l/layer.tar": layer, "manifest.json": [listed] };
}

async function inPlace(path: string): Promise<ArchiveImages> {
  return imagesOf(await openArchive(path, { store }));
}

async function staged(path: string): Promise<ArchiveImages> {
  const folder = at(`staged-${readdirSync(directory).length}`);
  mkdirSync(folder);
  return imagesOf(await stageArchive(createReadStream(path), { directory: folder }));
}

async function imagesOf(members: Awaited<ReturnType<typeof stageArchive>>): Promise<ArchiveImages> {
  return ArchiveImages.of(members, formOf(members)!);
}

describe.each([
  ["in place", inPlace],
  ["from a stream", staged],
])("an archive of docker, %s", (_how, read) => {
  test.each([
    ["plain", LAYER, ".tar"],
    ["gzip", gzipSync(LAYER), "tar+gzip"],
    ["zstd", compress("zstd", LAYER), "tar+zstd"],
  ])("has a layer that is %s", async (_what, layer, suffix) => {
    const images = await read(await archive(oneLayer(layer)));
    const { layers } = parseManifest(await readBlob(images, images.images[0]!));
    expect(layers).toEqual([{ mediaType: expect.stringContaining(suffix), digest: sha256(layer), size: layer.length }]);
    expect(await buffer(await images.open(layers[0]!))).toEqual(Buffer.from(layer));
  });

  test("a layer that is something else: what it is", async () => {
    const path = await archive(oneLayer(compress("xz", LAYER)));
    await expect(read(path)).rejects.toMatchObject({
      code: "bad_archive",
      message: 'layer "l/layer.tar": expected a tar, plain or in gzip or zstd, found xz',
    });
  });

  test("a layer that unpacks to something else", async () => {
    const path = await archive(oneLayer(gzipSync(Buffer.alloc(1024))));
    await expect(read(path)).rejects.toMatchObject({
      code: "bad_archive",
      message: `layer "l/layer.tar": expected diffID ${sha256(LAYER)}, as the config has, found ${sha256(Buffer.alloc(1024))}`,
    });
  });

  test("images share a layer, have several names or none, and are told apart", async () => {
    const one = dockerImage("1.json", [sha256(LAYER)], ["l.tar"], ["app:1", "reg.example/app:1"]);
    const two = dockerImage("2.json", [sha256(LAYER), sha256(LAYER)], ["l.tar", "l.tar"], []);
    const files = { ...one.files, ...two.files, "l.tar": gzipSync(LAYER), "manifest.json": [one.listed, two.listed] };
    const images = await read(await archive(files));
    expect(images.names()).toEqual(["docker.io/library/app:1", "reg.example/app:1"]);
    expect(images.find()).toHaveLength(2);
    const [found] = images.find("reg.example/app:1");
    expect(images.find("docker.io/library/app:1").map(({ digest }) => digest)).toEqual([found!.digest]);
    const second = images.images.find(({ digest }) => digest !== found!.digest)!;
    expect(parseManifest(await readBlob(images, second)).layers).toHaveLength(2);
  });

  test("layers that are wrong in number", async () => {
    const { files, listed } = dockerImage("c.json", [sha256(LAYER)], [], []);
    await expect(read(await archive({ ...files, "manifest.json": [listed] }))).rejects.toThrow(
      'expected 1 layers, as "c.json" has, found 0',
    );
  });
});

describe("an OCI archive", () => {
  const manifest = { schemaVersion: 2, config: { mediaType: "x", digest: sha256("{}"), size: 2 }, layers: [] };
  const bytes = (name: string) => Buffer.from(JSON.stringify({ ...manifest, annotations: { name } }));
  const listed = (name: string, annotations?: Readonly<Record<string, string>>): Descriptor => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: sha256(bytes(name)),
    size: bytes(name).length,
    ...(annotations && { annotations }),
  });
  const REF = "org.opencontainers.image.ref.name";
  const FULL = "io.containerd.image.name";
  const index = (...manifests: readonly object[]) => ({ "index.json": { schemaVersion: 2, manifests } });

  test("an image is found by its tag, and by its name when several have the tag", async () => {
    const [a, b] = ["docker.io/library/a:1", "reg.example/b:1"];
    const images = await inPlace(
      await archive(index(listed("a", { [REF]: "1", [FULL]: a }), listed("b", { [REF]: "1", [FULL]: b }))),
    );
    expect(images.names()).toEqual([a, b]);
    expect(images.find("1")).toHaveLength(2);
    expect(images.find("a:1").map(({ digest }) => digest)).toEqual([listed("a").digest]);
    expect(images.find(b).map(({ digest }) => digest)).toEqual([listed("b").digest]);
    expect(await images.resolve("1")).toBeUndefined();
    expect((await images.resolve(listed("a").digest))?.digest).toBe(listed("a").digest);
  });

  test("an image with two tags is the only one", async () => {
    const images = await inPlace(await archive(index(listed("a", { [REF]: "1" }), listed("a", { [REF]: "Odd_Tag" }))));
    expect(images.find()).toHaveLength(1);
    expect(images.names()).toEqual(["1", "Odd_Tag"]);
    expect(images.find("Odd_Tag")).toHaveLength(1);
  });

  test("a blob that is not there, and one with other bytes", async () => {
    const wrong = `blobs/sha256/${listed("b").digest.slice(7)}`;
    const images = await inPlace(
      await archive({ ...index(listed("a"), listed("b")), [wrong]: bytes("c"), "oci-layout": "{}" }),
    );
    await expect(images.open(listed("a"))).rejects.toMatchObject({
      code: "blob_not_found",
      message: `"${at("a.tar")}" has no blob ${listed("a").digest}`,
    });
    await expect(readBlob(images, listed("b"))).rejects.toMatchObject({ code: "digest_mismatch" });
  });

  test("it is preferred where there are both, when it says that it is one", async () => {
    const both = { ...index(listed("a")), "manifest.json": [] };
    expect(formOf(await openArchive(await archive(both), { store }))).toBe("docker");
    expect(formOf(await openArchive(await archive({ ...both, "oci-layout": "{}" }), { store }))).toBe("oci");
    expect(formOf(await openArchive(await archive({ "oci-layout": "{}" }), { store }))).toBeUndefined();
  });
});

describe("openArchive()", () => {
  test("a pipe is read", async () => {
    await archive(oneLayer(LAYER));
    execFileSync("mkfifo", [at("pipe")]);
    const written = pipeline(createReadStream(at("a.tar")), createWriteStream(at("pipe")));
    const [images] = await Promise.all([inPlace(at("pipe")), written]);
    expect(images.names()).toEqual(["docker.io/library/app:1"]);
  });

  test.each([
    ["a directory", ".", /expected an archive, found the directory/],
    ["nothing", "none.tar", /cannot read ".*none.tar": ENOENT/],
    ["a place below a file", "text/a.tar", /cannot read ".*": ENOTDIR/],
    ["a loop of links", "loop.tar", /expected "manifest.json" in ".*loop.tar", found nothing under this name/],
  ])("%s is bad_archive", async (_what, name, message) => {
    writeFileSync(at("text"), "");
    execFileSync("sh", ["-ec", "ln -s b a; ln -s a b; tar -cf loop.tar a b"], { cwd: directory });
    const opened = openArchive(at(name), { store }).then((members) => ArchiveImages.of(members, "docker"));
    await expect(opened).rejects.toMatchObject({ code: "bad_archive", message: expect.stringMatching(message) });
  });

  test("one member too many", () => {
    const members = new Members("the archive");
    for (let number = 0; number < 100_000; number++) members.add(`${number}`, { path: "", offset: 0, size: 0 });
    const member = { path: "more", type: "file", mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, mtimeNs: 0 } as const;
    expect(() => members.link(member)).toThrow("expected at most 100000 files");
  });
});
