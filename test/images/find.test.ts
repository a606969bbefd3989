import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findImage, inspectImage, listImages, removeImage, tagImage } from "../../images/index.js";
import { hexOf } from "../../oci/index.js";
import { SampleStore } from "./sample-store.js";

const arm = { os: "linux", architecture: "arm64" };

describe("findImage() (row 332)", () => {
  test.each([
    ["app", "docker.io/library/app:latest"],
    ["app:1", "docker.io/library/app:1"],
    ["docker.io/library/app:1", "docker.io/library/app:1"],
    ["reg.example:5000/x/app:1", "reg.example:5000/x/app:1"],
  ])("finds %s", async (word, name) => {
    const sample = new SampleStore();
    const { descriptor } = await sample.image({ names: [name] });
    expect(await findImage(sample.store, word)).toMatchObject({ descriptor, reference: expect.anything() });
  });

  test("finds by image ID, manifest digest, and the beginnings of both, with sha256: or without", async () => {
    const sample = new SampleStore();
    const { descriptor, imageId } = await sample.image({ names: ["app:1"] });
    for (const digest of [imageId, descriptor.digest]) {
      for (const word of [digest, hexOf(digest), hexOf(digest).slice(0, 12), digest.slice(0, 20)]) {
        const found = await findImage(sample.store, word);
        expect(found.descriptor).toEqual(descriptor);
        expect(found.reference).toBeUndefined();
      }
    }
  });

  test("finds NAME@DIGEST, whatever the tag", async () => {
    const sample = new SampleStore();
    const { descriptor } = await sample.image({ names: ["app:1"] });
    expect((await findImage(sample.store, `app@${descriptor.digest}`)).descriptor).toEqual(descriptor);
    await expect(findImage(sample.store, `other@${descriptor.digest}`)).rejects.toMatchObject({
      code: "image_not_found",
    });
  });

  test("takes a name before the beginning of an ID", async () => {
    const sample = new SampleStore();
    const { imageId } = await sample.image({ names: ["app:1"] });
    const start = hexOf(imageId).slice(0, 4);
    const { descriptor } = await sample.image({ names: [start], layers: [{ tree: { b: "b" } }] });
    expect((await findImage(sample.store, start)).descriptor).toEqual(descriptor);
  });

  test("refuses the beginning of several IDs, and lists them", async () => {
    const sample = new SampleStore();
    const ids: string[] = [];
    for (let day = 0; day < 40; day++) ids.push(hexOf((await sample.image({ created: date(day) })).imageId));
    const starts = ids.map((id) => id.slice(0, 2));
    const start = starts.find((one, position) => starts.indexOf(one) < position)!;
    await expect(findImage(sample.store, start)).rejects.toMatchObject({
      code: "bad_reference",
      message: expect.stringMatching(new RegExp(`^expected the beginning of one image ID, found "${start}" of \\d+$`)),
      hint: expect.stringMatching(new RegExp(`^Write more of it: ${start}[0-9a-f]{10}, `)),
    });
  });

  test("says what is alike when there is none", async () => {
    const sample = new SampleStore();
    await sample.image({ names: ["reg.example/app:1"] });
    await expect(findImage(sample.store, "reg.example/ap:1")).rejects.toMatchObject({
      code: "image_not_found",
      hint: 'Did you mean "reg.example/app:1"?',
    });
    await expect(findImage(sample.store, "reg.example/app")).rejects.toMatchObject({
      hint: 'Did you mean "reg.example/app:1"?',
    });
    await expect(findImage(sample.store, "ffffffffffff")).rejects.toMatchObject({ code: "image_not_found" });
  });
});

describe("tagImage() (row 328)", () => {
  test("names by an ID, and the image that had the name stays without one", async () => {
    const sample = new SampleStore();
    const first = await sample.image({ names: ["app:1"] });
    const second = await sample.image({ names: ["other:1"], layers: [{ tree: { b: "b" } }] });
    await tagImage(sample.store, hexOf(second.imageId).slice(0, 12), "app:1");
    expect((await findImage(sample.store, "app:1")).descriptor).toEqual(second.descriptor);
    const dangling = await listImages(sample.store, { dangling: true });
    expect(dangling.map(({ imageId, name }) => [imageId, name])).toEqual([[first.imageId, undefined]]);
  });

  test("refuses a digest as a name", async () => {
    const sample = new SampleStore();
    const { descriptor } = await sample.image({ names: ["app:1"] });
    await expect(tagImage(sample.store, "app:1", `app@${descriptor.digest}`)).rejects.toMatchObject({
      code: "bad_reference",
    });
  });
});

describe("removeImage() (row 329)", () => {
  test("takes one name of several, and the image with the last", async () => {
    const sample = new SampleStore();
    const { imageId } = await sample.image({ names: ["app:1", "app:2"] });
    expect(await removeImage(sample.store, "app:1")).toEqual({ untagged: ["app:1"] });
    expect(await removeImage(sample.store, "app:2")).toEqual({ untagged: ["app:2"], deleted: imageId });
    expect(sample.store.names.manifests()).toEqual([]);
  });

  test("takes all tags of one repository by the ID", async () => {
    const sample = new SampleStore();
    const { imageId } = await sample.image({ names: ["app:1", "app:2"] });
    const removal = await removeImage(sample.store, hexOf(imageId).slice(0, 12));
    expect(removal).toEqual({ untagged: ["app:1", "app:2"], deleted: imageId });
  });

  test("does not take names in several repositories by the ID, unless forced", async () => {
    const sample = new SampleStore();
    const { imageId } = await sample.image({ names: ["app:1", "other:1"] });
    const id = hexOf(imageId).slice(0, 12);
    await expect(removeImage(sample.store, id)).rejects.toMatchObject({
      code: "image_in_use",
      message: `image "${id}" has names in 2 repositories`,
      hint: "Remove them by name (app:1, other:1), or add --force.",
    });
    const removal = await removeImage(sample.store, id, { force: true });
    expect(removal).toEqual({ untagged: ["app:1", "other:1"], deleted: imageId });
  });

  test("takes an image without a name", async () => {
    const sample = new SampleStore();
    const { imageId } = await sample.image();
    expect(await removeImage(sample.store, imageId)).toEqual({ untagged: [], deleted: imageId });
    expect(await listImages(sample.store)).toEqual([]);
  });
});

describe("listImages() (row 327)", () => {
  async function several() {
    const sample = new SampleStore();
    await sample.image({ names: ["app:1"], created: date(1), config: { Labels: { tier: "web" } } });
    await sample.image({ names: ["app:2"], created: date(2), config: { Labels: { tier: "db", x: "" } } });
    await sample.image({ names: ["reg.example/tools/lint:1"], created: date(3) });
    await sample.image({ created: date(4) });
    return sample;
  }

  test.each([
    [{}, [undefined, "reg.example/tools/lint:1", "app:2", "app:1"]],
    [{ dangling: true }, [undefined]],
    [{ dangling: false }, ["reg.example/tools/lint:1", "app:2", "app:1"]],
    [{ references: ["app"] }, ["app:2", "app:1"]],
    [{ references: ["app:1"] }, ["app:1"]],
    [{ references: ["ap*"] }, ["app:2", "app:1"]],
    [{ references: ["*"] }, ["app:2", "app:1"]],
    [{ references: ["*/*/*:1"] }, ["reg.example/tools/lint:1"]],
    [{ references: ["app:[^1]", "*/*/lin?"] }, ["reg.example/tools/lint:1", "app:2"]],
    [{ labels: ["tier"] }, ["app:2", "app:1"]],
    [{ labels: ["tier=web"] }, ["app:1"]],
    [{ labels: ["tier=db", "x"] }, ["app:2"]],
    [{ labels: ["tier=we"] }, []],
    [{ before: "app:2" }, ["app:1"]],
    [{ since: "app:2", dangling: false }, ["reg.example/tools/lint:1"]],
  ])("%j", async (filters, names) => {
    const { store } = await several();
    expect((await listImages(store, filters)).map(({ name }) => name)).toEqual(names);
  });

  test("refuses a pattern that ends in the middle", async () => {
    const { store } = await several();
    await expect(listImages(store, { references: ["a[b"] })).rejects.toMatchObject({ code: "bad_pattern" });
  });

  test("shows an image whose config is damaged, and the others", async () => {
    const sample = await several();
    const { manifest } = await inspectImage(sample.store, "app:1");
    rmSync(sample.store.blobs.path(manifest.config.digest));
    await expect(inspectImage(sample.store, "app:1")).rejects.toMatchObject({
      code: "blob_not_found",
      message: expect.stringMatching(/^image "app:1" is not whole in the store: .*sha256:/),
      hint: expect.stringContaining("again"),
    });
    const listed = await listImages(sample.store, { references: ["app"] });
    expect(listed.map(({ name, imageId }) => [name, imageId === undefined])).toEqual([
      ["app:2", false],
      ["app:1", true],
    ]);
  });

  test("leaves out an unnamed image whose layers were pruned, and one that is a named one in another form", async () => {
    const sample = new SampleStore();
    const named = await sample.image({ names: ["app:1"] });
    const twin = await sample.image({ compressed: true });
    expect(twin.imageId).toBe(named.imageId);
    const { descriptor } = await sample.image({ layers: [{ tree: { only: "here" } }] });
    expect(await listImages(sample.store)).toHaveLength(2);
    const { manifest } = await inspectImage(sample.store, descriptor.digest);
    rmSync(sample.store.blobs.path(manifest.layers[0]!.digest));
    expect(await listImages(sample.store)).toHaveLength(1);
  });

  test("of unnamed images the newest 100 are kept", async () => {
    const sample = new SampleStore();
    for (let i = 0; i < 103; i++) await sample.image({ created: date(i) });
    const listed = await listImages(sample.store);
    expect(listed).toHaveLength(100);
    expect(listed.at(-1)?.created).toBe(date(3));
  });
});

describe("an index of several platforms", () => {
  async function indexed() {
    const sample = new SampleStore();
    const amd = await sample.image();
    const other = await sample.image({ platform: arm, layers: [{ tree: { arm: "64" } }] });
    const platforms = [
      { ...amd.descriptor, platform: { os: "linux", architecture: "amd64" } },
      { ...other.descriptor, platform: arm },
    ];
    const descriptor = await sample.index(["multi:1"], platforms);
    return { sample, amd, other, descriptor };
  }

  test("is found by the ID of any of its images, and listed with its platforms", async () => {
    const { sample, other, descriptor } = await indexed();
    expect((await listImages(sample.store)).find(({ name }) => name === "multi:1")).toMatchObject({
      platforms: ["linux/amd64", "linux/arm64"],
    });
    expect((await findImage(sample.store, "multi:1")).descriptor).toEqual(descriptor);
    expect((await inspectImage(sample.store, "multi:1", { platform: "linux/arm64" })).imageId).toBe(other.imageId);
  });

  test("is inspected for this machine, or for the platform that is asked for", async () => {
    const { sample, amd, other, descriptor } = await indexed();
    const here = process.arch === "arm64" ? other : amd;
    const details = await inspectImage(sample.store, "multi:1");
    expect(details.manifest.config.digest).toBe(here.imageId);
    expect(details.imageId).toBe(descriptor.digest); // as it is listed
    expect(details.manifests.map(({ platform, isHere }) => [platform, isHere])).toEqual([
      ["linux/amd64", true],
      ["linux/arm64", true],
    ]);
    await expect(inspectImage(sample.store, "multi:1", { platform: "linux/s390x" })).rejects.toMatchObject({
      code: "platform_not_found",
    });
  });

  test("a platform is refused for an image of another one", async () => {
    const { sample, other } = await indexed();
    await expect(inspectImage(sample.store, other.imageId, { platform: "linux/s390x" })).rejects.toMatchObject({
      code: "platform_not_found",
    });
  });
});

test("a damaged manifest in the list does not keep others from being found", async () => {
  const sample = new SampleStore();
  const { descriptor } = await sample.image({ names: ["broken:1"] });
  const { imageId } = await sample.image({ names: ["whole:1"], layers: [{ tree: { b: "b" } }] });
  writeFileSync(sample.store.blobs.path(descriptor.digest), "x".repeat(descriptor.size));
  expect((await findImage(sample.store, hexOf(imageId).slice(0, 12))).names).toHaveLength(1);
});

function date(day: number): string {
  return new Date(Date.UTC(2026, 0, day)).toISOString();
}
