import { describe, expect, test } from "vitest";
import {
  addToIndex,
  annotateIndex,
  annotateWholeIndex,
  createIndex,
  listImages,
  pushImage,
  pushIndex,
  readIndex,
  removeFromIndex,
  removeIndex,
} from "../../images/index.js";
import { openPlaces, type Places } from "../../places.js";
import { SampleStore } from "./sample-store.js";

const arm = { os: "linux", architecture: "arm64" };
const emit = (): void => {};

async function using<Value>(sample: SampleStore, work: (places: Places) => Promise<Value>): Promise<Value> {
  const places = openPlaces(sample.store, {});
  try {
    return await work(places);
  } finally {
    await places.close();
  }
}

const create = (sample: SampleStore, name: string, images: readonly string[]) =>
  using(sample, (places) => createIndex({ store: sample.store, places }, name, images));

describe("two images of one platform (row 340)", () => {
  test("are refused by create, which names both, and nothing is made", async () => {
    const sample = new SampleStore();
    await sample.image({ names: ["a:1"] });
    await sample.image({ names: ["b:1"], layers: [{ tree: { b: "b" } }] });
    await sample.image({ names: ["c:1"], platform: arm });
    await expect(create(sample, "all:1", ["a:1", "c:1", "b:1"])).rejects.toMatchObject({
      code: "usage",
      message: '"a:1" and "b:1" both have an image for linux/amd64',
    });
    expect(sample.store.names.get("docker.io/library/all:1")).toBeUndefined();
    await create(sample, "all:1", ["a:1", "c:1", "a:1"]);
    expect((await readIndex(sample.store, "all:1")).index.manifests).toHaveLength(2);
  });

  test("add puts the new one in place of the other, and says so; not for the same image", async () => {
    const sample = new SampleStore();
    await sample.image({ names: ["a:1"] });
    await sample.image({ names: ["b:1"], layers: [{ tree: { b: "b" } }] });
    await create(sample, "all:1", ["a:1"]);
    const before = (await readIndex(sample.store, "all:1")).index.manifests[0]!;
    const replaced: unknown[] = [];
    const add = (image: string) =>
      using(sample, (places) =>
        addToIndex({ store: sample.store, places }, "all:1", image, { onReplaced: (entry) => replaced.push(entry) }),
      );
    await add("a:1");
    expect(replaced).toEqual([]);
    await add("b:1");
    expect(replaced).toEqual([{ digest: before.digest, platform: "linux/amd64" }]);
    expect((await readIndex(sample.store, "all:1")).index.manifests).toHaveLength(1);
  });
});

describe("annotate and remove (row 340)", () => {
  async function joined() {
    const sample = new SampleStore();
    await sample.image({ names: ["a:1"] });
    await sample.image({ names: ["c:1"], platform: arm });
    await create(sample, "all:1", ["a:1", "c:1"]);
    const platforms = async () =>
      (await readIndex(sample.store, "all:1")).index.manifests.map(({ platform }) => platform);
    return { sample, platforms };
  }

  test("parts of a platform change alone, of an image by its name as by its platform", async () => {
    const { sample, platforms } = await joined();
    await annotateIndex(sample.store, "all:1", "c:1", { architecture: "arm", variant: "v6" });
    expect(await platforms()).toMatchObject([{ architecture: "amd64" }, { architecture: "arm", variant: "v6" }]);
    await annotateIndex(sample.store, "all:1", "linux/arm/v6", { os: "freebsd", variant: "v5" });
    expect((await platforms())[1]).toEqual({ os: "freebsd", architecture: "arm", variant: "v5" });
    for (const [edits, code] of [
      [{ architecture: "nosuch" }, "bad_platform"],
      [{ os: "linux", architecture: "amd64" }, "usage"],
    ] as const)
      await expect(annotateIndex(sample.store, "all:1", "c:1", edits)).rejects.toMatchObject({ code });
  });

  test("a variant is written as it was asked for, and matched as what it means", async () => {
    const { sample, platforms } = await joined();
    await annotateIndex(sample.store, "all:1", "linux/arm64", { variant: "v8" });
    expect((await platforms())[1]).toEqual({ ...arm, variant: "v8" });
    await annotateIndex(sample.store, "all:1", "linux/arm64", { platform: "linux/arm64/v8" });
    expect((await platforms())[1]).toEqual({ ...arm, variant: "v8" });
    const edits = { platform: "linux/arm64" };
    await expect(annotateIndex(sample.store, "all:1", "a:1", edits)).rejects.toMatchObject({ code: "usage" });
    await annotateIndex(sample.store, "all:1", "linux/arm64/v8", { variant: "" });
    expect((await platforms())[1]).toEqual(arm);
  });

  test("the version and the features of the system are set, stay, and are taken away", async () => {
    const { sample, platforms } = await joined();
    const edit = (edits: object) => annotateIndex(sample.store, "all:1", "c:1", edits);
    await edit({ osVersion: "10.0.1", osFeatures: ["win32k"] });
    await edit({ annotations: { a: "b" } });
    expect((await platforms())[1]).toEqual({ ...arm, "os.version": "10.0.1", "os.features": ["win32k"] });
    await edit({ osVersion: "", osFeatures: [] });
    expect((await platforms())[1]).toEqual(arm);
  });

  test("annotations of the index itself are added, at its beginning and later", async () => {
    const { sample } = await joined();
    await using(sample, (places) =>
      createIndex({ store: sample.store, places }, "other:1", ["a:1"], { annotations: { one: "1" } }),
    );
    await annotateWholeIndex(sample.store, "other:1", { two: "2" });
    expect((await readIndex(sample.store, "other:1")).index.annotations).toEqual({ one: "1", two: "2" });
    await expect(annotateWholeIndex(sample.store, "other:1", {})).rejects.toMatchObject({ code: "usage" });
  });

  test("an annotation with nothing to change is refused", async () => {
    const { sample } = await joined();
    await expect(annotateIndex(sample.store, "all:1", "c:1", { annotations: {} })).rejects.toMatchObject({
      code: "usage",
      message: 'expected something to change of "c:1", found nothing',
    });
  });

  test("an image is taken out by its name, and the whole index by its own", async () => {
    const { sample, platforms } = await joined();
    await removeFromIndex(sample.store, "all:1", "c:1");
    expect(await platforms()).toMatchObject([{ architecture: "amd64" }]);
    await expect(removeFromIndex(sample.store, "all:1", "c:1")).rejects.toMatchObject({ code: "usage" });
    await expect(removeIndex(sample.store, "a:1")).rejects.toMatchObject({ code: "usage" });
    expect((await removeIndex(sample.store, "all:1")).untagged).toEqual(["all:1"]);
    expect(sample.store.names.list().map(({ name }) => name)).toHaveLength(2);
  });
});

describe("an index without images", () => {
  test("is listed with the others, without platforms", async () => {
    const sample = new SampleStore();
    await sample.image({ names: ["app:1"] });
    const { digest } = await create(sample, "e:1", []);
    const listed = await listImages(sample.store);
    expect(listed.map(({ name }) => name)).toEqual(["app:1", "e:1"]);
    expect(listed[1]).toMatchObject({ imageId: digest, size: 0, platforms: [] });
  });

  test("is not pushed", async () => {
    const sample = new SampleStore();
    await create(sample, "e:1", []);
    const refused = {
      code: "usage",
      message: expect.stringMatching(/^the index ".*e:1" has no images, expected one at least$/),
    };
    await using(sample, async (places) => {
      await expect(pushIndex({ store: sample.store, places }, "e:1", { emit })).rejects.toMatchObject(refused);
      await expect(pushImage(sample.store, places, "e:1", { emit })).rejects.toMatchObject(refused);
    });
  });
});
