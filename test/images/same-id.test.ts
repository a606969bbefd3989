import { describe, expect, test } from "vitest";
import { findImage, inspectImage, listImages, removeImage, tagImage } from "../../images/index.js";
import { hexOf } from "../../oci/index.js";
import { SampleStore } from "./sample-store.js";

const amd = { os: "linux", architecture: "amd64" };
const arm = { os: "linux", architecture: "arm64" };

/** As after two builds: rel:1 for two platforms, dev:1 for the first of them only. */
async function released() {
  const sample = new SampleStore();
  const [first, second] = [await sample.image(), await sample.image({ platform: arm })];
  const index = await sample.index(
    ["rel:1"],
    [
      { ...first.descriptor, platform: amd },
      { ...second.descriptor, platform: arm },
    ],
  );
  await tagImage(sample.store, first.descriptor.digest, "dev:1");
  return { sample, first, second, index };
}

const names = (sample: SampleStore) =>
  sample.store.names
    .list()
    .map(({ name }) => name)
    .sort();

describe("an ID that several have (rows 327, 329, 332)", () => {
  test("rmi by the ID of an image does not touch an index that contains it, with force or without", async () => {
    for (const force of [false, true]) {
      const { sample, first } = await released();
      const id = hexOf(first.imageId).slice(0, 12);
      expect(await removeImage(sample.store, id, { force })).toMatchObject({ untagged: ["dev:1"] });
      expect(names(sample)).toEqual(["docker.io/library/rel:1"]);
    }
  });

  test("an index of several images is listed with its own digest, and removed by it", async () => {
    const { sample, index } = await released();
    const listed = await listImages(sample.store, { references: ["rel"] });
    expect(listed).toMatchObject([{ name: "rel:1", imageId: index.digest }]);
    expect((await inspectImage(sample.store, "rel:1")).imageId).toBe(index.digest);
    const id = hexOf(listed[0]!.imageId!).slice(0, 12);
    expect(await removeImage(sample.store, id)).toEqual({ untagged: ["rel:1"], deleted: index.digest });
    expect(names(sample)).toEqual(["docker.io/library/dev:1"]);
  });

  test("an index of one image has the ID of the image; rmi refuses it when an image has it too, and names both", async () => {
    const sample = new SampleStore();
    const { descriptor, imageId } = await sample.image({ names: ["plain:1"] });
    await sample.index(["index:1"], [{ ...descriptor, platform: amd }]);
    expect((await listImages(sample.store)).map((image) => image.imageId)).toEqual([imageId, imageId]);
    await expect(removeImage(sample.store, imageId)).rejects.toMatchObject({
      code: "image_in_use",
      message: `expected the ID of one image, found "${imageId}" of 2`,
      hint: "Write the name instead: plain:1, index:1; or remove all of them with --force (-f).",
    });
    expect(names(sample)).toHaveLength(2);
    const removal = await removeImage(sample.store, imageId, { force: true });
    expect(removal).toEqual({ untagged: ["plain:1", "index:1"], deleted: imageId });
    expect(await listImages(sample.store)).toEqual([]);
  });

  test("rmi refuses the ID of two forms of one image, but not for a form without a name", async () => {
    const sample = new SampleStore();
    const { imageId } = await sample.image({ names: ["built:1"] });
    const { descriptor } = await sample.image({ compressed: true });
    await tagImage(sample.store, descriptor.digest, "pulled:1");
    await expect(removeImage(sample.store, imageId)).rejects.toMatchObject({
      code: "image_in_use",
      hint: "Write the name instead: built:1, pulled:1; or remove all of them with --force (-f).",
    });
    await sample.store.names.remove("docker.io/library/pulled:1");
    await sample.store.names.keep(descriptor);
    expect(await removeImage(sample.store, imageId)).toEqual({ untagged: ["built:1"], deleted: imageId });
    expect(await listImages(sample.store)).toEqual([]);
  });

  test("all else prefers the digest of its own, then the image, then the index, whatever came first", async () => {
    const { sample, first, index } = await released();
    expect((await findImage(sample.store, index.digest)).descriptor).toEqual(index);
    expect((await findImage(sample.store, first.imageId)).descriptor).toEqual(first.descriptor);
    expect((await inspectImage(sample.store, first.imageId)).names).toEqual(["dev:1"]);
    await tagImage(sample.store, first.imageId, "again:1");
    expect((await findImage(sample.store, "again:1")).descriptor).toEqual(first.descriptor);
  });
});
