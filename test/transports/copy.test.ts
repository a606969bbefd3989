// Copies between all kinds of places: digests stay, what is about an image comes along, nothing unfinished is shown.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Layout, Store } from "../../cache/index.js";
import { saveImages } from "../../commands/archives.js";
import { copy } from "../../commands/copy.js";
import { rootInLayout } from "../../inputs/resolve-image.js";
import { type Descriptor, MediaType, parseManifest, readBlob, sha256 } from "../../oci/index.js";
import type { Trust } from "../../trust/index.js";
import { describeBytes, putBytes, putImage, putIndex } from "../helpers/sample-image.js";
import { StrictRegistry } from "../helpers/strict-registry.js";

let directory: string;
let home: string;
let source: Layout;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsbuild-copy-"));
  home = join(directory, "home");
  source = Layout.create(join(directory, "source"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);
const run = (from: string, to: string, options: object = {}) => copy(from, to, { home, retries: 0, ...options });

/** An index of two platforms. */
async function putSource(): Promise<{ root: Descriptor; images: Descriptor[] }> {
  const images: Descriptor[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const platform = { os: "linux", architecture };
    images.push({ ...(await putImage(source, [tar(architecture)], platform)), platform });
  }
  const root = await putIndex(source, images);
  await source.names.set("app", root);
  return { root, images };
}

/** An empty tar, and something after it. */
function tar(text: string): Buffer {
  return Buffer.concat([Buffer.alloc(1024), Buffer.from(text.padEnd(512, " "))]);
}

test("an index goes through every kind of place with its digest", async () => {
  const { root } = await putSource();
  const registry = await new StrictRegistry().start();
  const places = [
    `oci:${at("source")}:app`,
    `docker://${registry.host}/app:2`,
    `oci-archive:${at("a.tar")}:x`,
    "store:kept:1",
    `oci:${at("back")}:app`,
  ];
  for (const [position, place] of places.slice(1).entries())
    expect(await run(places[position]!, place)).toEqual({ descriptor: { ...root }, referrers: 0 });
  expect((await new Layout(at("back")).resolve("app"))?.digest).toBe(root.digest);
  expect(registry.violations).toEqual([]);
  await registry.stop();
});

test("--platform picks one image, and docker-archive has one", async () => {
  const { images } = await putSource();
  const arm = await run(`oci:${at("source")}:app`, `oci:${at("arm")}:one`, { platform: "linux/arm64" });
  expect(arm.descriptor.digest).toBe(images[1]!.digest);
  await run(`oci:${at("source")}:app`, `docker-archive:${at("d.tar")}:app:1`, { platform: "linux/arm64" });
  await run(`docker-archive:${at("d.tar")}:app:1`, `oci:${at("again")}:x`);
  const again = new Layout(at("again"));
  const { config, layers } = parseManifest(await readBlob(again, (await again.resolve("x"))!));
  const original = parseManifest(await readBlob(source, images[1]!));
  expect(config.digest).toBe(original.config.digest);
  expect(layers.map(({ digest }) => digest)).toEqual(original.layers.map(({ digest }) => digest));
});

test("which image of an index an archive for Docker has is told, and all of them are refused", async () => {
  await putSource();
  const copied = await run(`oci:${at("source")}:app`, `docker-archive:${at("d.tar")}:app:1`);
  expect(copied.chosen).toBe(`linux/${process.arch === "arm64" ? "arm64" : "amd64"}`);
  await expect(run(`oci:${at("source")}:app`, `docker-archive:${at("e.tar")}`, { all: true })).rejects.toThrow(
    expect.objectContaining({ code: "usage", hint: expect.stringContaining("--platform") }),
  );
  expect(readdirSync(directory).toSorted()).toEqual(["d.tar", "home", "source"]);
});

test("an image that the store does not have: names of it that are alike", async () => {
  await putSource();
  await run(`oci:${at("source")}:app`, "store:app:1");
  await expect(run("store:ap:1", `oci:${at("x")}`)).rejects.toThrow(
    expect.objectContaining({
      code: "image_not_found",
      message: 'no image "ap:1" in the store',
      hint: 'Did you mean "app:1"?',
    }),
  );
});

test("an image of the store that lacks a layer: which one it is, and what helps", async () => {
  const image = await putImage(source, [tar("one")], { os: "linux", architecture: "amd64" });
  await source.names.set("one", image);
  await run(`oci:${at("source")}:one`, "store:one:1");
  const store = Store.openAt(home);
  const [layer] = parseManifest(await readBlob(store, image)).layers;
  rmSync(store.blobs.path(layer!.digest));
  await expect(run("store:one:1", `oci:${at("out")}`)).rejects.toMatchObject({
    code: "blob_not_found",
    message: expect.stringMatching(/^image ".*one:1" is not whole in the store: .* has no blob sha256:/),
    hint: expect.stringContaining("pull it again"),
  });
});

test("layers are decompressed for Docker, and skopeo reads the archive", async () => {
  const plain = tar("layer");
  const gzip = gzipSync(plain);
  const layer = await putBytes(source, gzip, MediaType.layerGzip);
  const rootfs = { type: "layers", diff_ids: [sha256(plain)] };
  const config = await putBytes(
    source,
    JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs }),
    MediaType.config,
  );
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer, layer] }),
  );
  const rootfsTwice = { ...rootfs, diff_ids: [sha256(plain), sha256(plain)] };
  const twice = await putBytes(
    source,
    JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: rootfsTwice }),
    MediaType.config,
  );
  const manifest = Buffer.from(
    bytes.toString().replace(config.digest, twice.digest).replace(`"size":${config.size}`, `"size":${twice.size}`),
  );
  await source.putManifest(describeBytes(manifest, MediaType.manifest), manifest, "gz");
  await run(`oci:${at("source")}:gz`, `docker-archive:${at("d.tar")}:app:1`);
  const told = JSON.parse(
    execFileSync("skopeo", ["inspect", `docker-archive:${at("d.tar")}:docker.io/library/app:1`], { encoding: "utf8" }),
  );
  expect(told.Layers).toEqual([sha256(plain), sha256(plain)]);
});

test.each(["gzip", "zstd", "xz", "bzip2"])("an archive in %s is read", async (program) => {
  const { root } = await putSource();
  await run(`oci:${at("source")}:app`, `oci-archive:${at("a.tar")}:x`);
  writeFileSync(at("a.packed"), execFileSync(program, ["-c", at("a.tar")]));
  expect((await run(`oci-archive:${at("a.packed")}:x`, `oci:${at("out")}:x`)).descriptor.digest).toBe(root.digest);
});

test.each(["gzip", "zstd"])(
  "docker-archive: what a build wrote with layers in %s is copied as it is",
  async (program) => {
    const plain = tar("layer");
    const packed = execFileSync(program, ["-c"], { input: plain });
    const rootfs = { type: "layers", diff_ids: [sha256(plain)] };
    const config = JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs });
    mkdirSync(at("files"));
    writeFileSync(at("files/c.json"), config);
    writeFileSync(at("files/layer"), packed);
    const list = [{ Config: "c.json", RepoTags: ["app:1"], Layers: ["layer"] }];
    writeFileSync(at("files/manifest.json"), JSON.stringify(list));
    execFileSync("tar", ["-cf", at("d.tar"), "-C", at("files"), "."]);
    await run(`docker-archive:${at("d.tar")}:app:1`, `oci:${at("out")}:x`);
    const out = new Layout(at("out"));
    const { layers } = parseManifest(await readBlob(out, (await out.resolve("x"))!));
    expect(layers).toEqual([
      { mediaType: expect.stringContaining(`tar+${program}`), digest: sha256(packed), size: packed.length },
    ]);
  },
);

describe("--referrers", () => {
  async function putAbout(subject: Descriptor, artifactType: string): Promise<Descriptor> {
    const config = await putBytes(source, "{}", MediaType.empty);
    const layer = await putBytes(source, randomBytes(20), "application/octet-stream");
    const manifest = {
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      artifactType,
      config,
      layers: [layer],
      subject,
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await source.putManifest(describeBytes(bytes, MediaType.manifest), bytes);
    return describeBytes(bytes, MediaType.manifest);
  }

  test.each([true, false])(
    "takes signatures of attestations of platforms along (referrers API: %s)",
    async (referrers) => {
      const { root, images } = await putSource();
      const plain = ({ mediaType, digest, size }: Descriptor) => ({ mediaType, digest, size });
      const attestation = await putAbout(plain(images[0]!), "application/vnd.attestation");
      const signature = await putAbout(attestation, "application/vnd.signature");
      const cosign = await putImage(source, ["signature"]);
      await source.names.set(`${root.digest.replace(":", "-")}.sig`, cosign);
      const registry = await new StrictRegistry({ referrers }).start();
      const name = `${registry.host}/app:1`;
      expect((await run(`oci:${at("source")}:app`, name, { referrers: true })).referrers).toBe(3);
      expect((await run(name, `oci:${at("back")}:app`, { referrers: true })).referrers).toBe(3);
      const back = new Layout(at("back"));
      expect((await back.referrers(images[0]!.digest)).map(({ digest }) => digest)).toEqual([attestation.digest]);
      expect((await back.referrers(attestation.digest)).map(({ digest }) => digest)).toEqual([signature.digest]);
      expect((await back.resolve(`${root.digest.replace(":", "-")}.sig`))?.digest).toBe(cosign.digest);
      expect((await run(`oci:${at("back")}`, `oci:${at("only")}:1`)).descriptor.digest).toBe(root.digest);
      const trust: Trust = { permit: async () => ({ admit: async (place) => place }) };
      const openRepository = () => Promise.reject(new Error("no registry is asked"));
      const resolving = { store: Store.openAt(home), trust, openRepository, pull: "missing" } as const;
      const base = await rootInLayout(resolving, `oci-layout://${at("back")}`);
      expect(base.root.digest).toBe(root.digest);
      expect(registry.violations).toEqual([]);
      await registry.stop();
    },
  );
});

test("a damaged source ends in digest_mismatch, and leaves no archive", async () => {
  const { images } = await putSource();
  const { layers } = parseManifest(await readBlob(source, images[0]!));
  writeFileSync(source.blobs.path(layers[0]!.digest), Buffer.alloc(layers[0]!.size));
  const before = readdirSync(directory);
  await expect(run(`oci:${at("source")}:app`, `oci-archive:${at("a.tar")}:x`)).rejects.toMatchObject({
    code: "digest_mismatch",
  });
  expect(readdirSync(directory).filter((name) => !before.includes(name) && name !== "home")).toEqual([]);
  expect(readdirSync(join(home, "blobs/sha256"))).toEqual([]);
});

test("what a killed copy left in a layout goes with a later one, and nothing else", async () => {
  await putSource();
  const out = Layout.create(at("out"));
  const long = new Date(Date.now() - 3_600_000);
  const names = ["blob.999999999-abc-1.tmp", `blob.${process.pid}-abc-2.tmp`, "blob.999999999-abc-3.tmp", "other.tmp"];
  for (const name of names) writeFileSync(join(out.root, name), "x");
  for (const name of [names[0]!, names[1]!, names[3]!]) utimesSync(join(out.root, name), long, long);
  await run(`oci:${at("source")}:app`, `oci:${at("out")}:x`);
  expect(
    readdirSync(out.root)
      .filter((name) => name.endsWith(".tmp"))
      .sort(),
  ).toEqual(names.slice(1).sort());
});

test.each([
  ["an empty file", ""],
  ["no tar", "not a tar".repeat(100)],
  ["a tar without images", tar("x").toString("latin1")],
])("%s is no archive of images", async (_what, text) => {
  writeFileSync(at("a.tar"), text);
  await expect(run(`oci-archive:${at("a.tar")}`, `oci:${at("out")}`)).rejects.toMatchObject({ code: "bad_archive" });
});

test("images of several names are told apart by their names in full", async () => {
  for (const [name, text] of [
    ["a:1", "one"],
    ["b:1", "two"],
  ] as const) {
    await source.names.set("next", await putImage(source, [tar(text)], { os: "linux", architecture: "amd64" }));
    await run(`oci:${at("source")}:next`, `store:${name}`);
  }
  await saveImages(["a:1", "b:1"], at("s.tar"), { home, format: "oci" });
  await expect(run(`oci-archive:${at("s.tar")}:1`, `oci:${at("out")}`)).rejects.toMatchObject({
    code: "image_not_found",
    message: `expected one image "1" in "${at("s.tar")}", found 2`,
    hint: "Name one of its images: docker.io/library/a:1, docker.io/library/b:1.",
  });
  const { descriptor } = await run(`oci-archive:${at("s.tar")}:b:1`, `oci:${at("out")}`);
  expect(descriptor.digest).toBe((await source.resolve("next"))?.digest);
});

test("what is for another platform is refused, and the destination keeps what it has", async () => {
  await putSource();
  const [amd, arm] = ["linux/amd64", "linux/arm64"] as const;
  await run(`oci:${at("source")}:app`, `oci:${at("one")}:1`, { platform: amd });
  const { descriptor } = await run(`oci:${at("source")}:app`, `dir:${at("d")}`, { platform: arm });
  await expect(run(`oci:${at("one")}`, `dir:${at("d")}`, { platform: arm })).rejects.toMatchObject({
    code: "platform_not_found",
    message: "expected an image for linux/arm64, found one for linux/amd64",
  });
  expect((await run(`dir:${at("d")}`, `oci:${at("back")}`)).descriptor.digest).toBe(descriptor.digest);
  const lenient = await run(`oci:${at("one")}`, `dir:${at("d")}`, { platformOfIndex: arm });
  expect(lenient.descriptor.digest).not.toBe(descriptor.digest);
});

test.each(["oci-archive", "docker-archive"])("%s: a folder that is missing is not made", async (kind) => {
  await putSource();
  await expect(run(`oci:${at("source")}:app`, `${kind}:${at("no/such/x.tar")}`)).rejects.toMatchObject({
    code: "output_failed",
    message: `cannot write "${at("no/such/x.tar")}": ENOENT`,
  });
  expect(existsSync(at("no"))).toBe(false);
});

test("a layout that is not there is said to be missing, with a tag and without", async () => {
  writeFileSync(at("file"), "");
  mkdirSync(at("empty"));
  for (const [name, lack] of [
    ["none", "there is no such directory"],
    ["none:1", "there is no such directory"],
    ["file", "it is no directory"],
    ["empty", "it has no index.json"],
  ] as const)
    await expect(run(`oci:${at(name)}`, `oci:${at("out")}`)).rejects.toMatchObject({
      code: "image_not_found",
      message: `no image layout "${at(name.replace(":1", ""))}": ${lack}`,
    });
});

test("a name that is not there is told with those that are", async () => {
  await putSource();
  await expect(run(`oci:${at("source")}:apq`, `oci:${at("out")}`)).rejects.toMatchObject({
    code: "image_not_found",
    hint: "Name one of its images: app.",
  });
  expect(Store.openAt(home).names.list()).toEqual([]);
});

test.each(["oci-archive", "docker-archive"])(
  "%s: a folder is refused before anything moves, a full disk is told",
  async (kind) => {
    const image = await putImage(source, [tar("one")], { os: "linux", architecture: "amd64" });
    await source.names.set("one", image);
    await expect(run(`oci:${at("source")}:one`, `${kind}:${at("source")}`)).rejects.toMatchObject({
      code: "usage",
      message: `expected a file to copy to, found the directory "${at("source")}"`,
    });
    await expect(run(`oci:${at("source")}:one`, `${kind}:/dev/full`)).rejects.toMatchObject({
      code: "output_failed",
      message: 'cannot write "/dev/full": ENOSPC: no space left on device, write',
      cause: { code: "ENOSPC" },
    });
  },
);

test("an index goes through a directory as skopeo has it, and skopeo reads and writes it", async () => {
  const { root, images } = await putSource();
  await expect(run(`oci:${at("source")}:app`, "dir:/proc/x")).rejects.toMatchObject({ code: "output_failed" });
  await run(`oci:${at("source")}:app`, `dir:${at("d")}`);
  expect(readdirSync(at("d")).filter((name) => name.endsWith(".manifest.json"))).toHaveLength(images.length);
  expect(await run(`dir:${at("d")}`, `oci:${at("back")}:x`)).toMatchObject({ descriptor: root });
  expect(execFileSync("skopeo", ["inspect", "--raw", `dir:${at("d")}`])).toHaveLength(root.size);
  const one = (platform: string) => run(`dir:${at("d")}`, `dir:${at("one")}`, { platform });
  for (const platform of ["linux/arm64", "linux/amd64"]) await one(platform); // the second in place of the first
  expect(readdirSync(at("one"))).toHaveLength(4);
  execFileSync("skopeo", ["copy", "--quiet", `dir:${at("one")}`, `dir:${at("theirs")}`]);
  expect(await run(`dir:${at("theirs")}`, `oci:${at("back")}:y`)).toMatchObject({
    descriptor: { digest: images[0]!.digest },
  });
});

test("a directory with something else in it stays, and one without an image is told", async () => {
  await putSource();
  writeFileSync(at("mine"), "");
  await expect(run(`oci:${at("source")}:app`, `dir:${directory}`)).rejects.toMatchObject({ code: "usage" });
  await expect(run(`dir:${directory}`, `oci:${at("x")}`)).rejects.toMatchObject({ code: "image_not_found" });
});

test.each(["dir", "oci-archive", "docker-archive"])("%s has no room for what is about an image", async (kind) => {
  await putSource();
  const about = run(`oci:${at("source")}:app`, `${kind}:${at("d")}`, { referrers: true });
  await expect(about).rejects.toMatchObject({
    code: "usage",
    message: `"${at("d")}" holds one image, and nothing about it`,
  });
  expect(existsSync(at("d"))).toBe(false);
});
