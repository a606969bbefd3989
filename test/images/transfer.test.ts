import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  inspectImage,
  listImages,
  pullAllTags,
  type PulledImage,
  pullImage,
  pushAllTags,
  pushImage,
  tagImage,
} from "../../images/index.js";
import { openPlaces, type Places } from "../../places.js";
import { skopeoInspect } from "../helpers/other-tools.js";
import { type Registry, startRegistry } from "../helpers/registry.js";
import { SampleStore } from "./sample-store.js";

let registry: Registry;
beforeAll(async () => void (registry = await startRegistry()));
afterAll(() => registry.stop());

const emit = (): void => {};
const arm = { os: "linux", architecture: "arm64" };

async function using<Value>(sample: SampleStore, work: (places: Places) => Promise<Value>): Promise<Value> {
  const places = openPlaces(sample.store, {});
  try {
    return await work(places);
  } finally {
    await places.close();
  }
}

const push = (sample: SampleStore, name: string, options = {}) =>
  using(sample, (places) => pushImage(sample.store, places, name, { emit, ...options }));
const pull = (sample: SampleStore, name: string, options = {}) =>
  using(sample, (places) => pullImage(sample.store, places, name, { emit, ...options }));

describe("pushImage() and pullImage() (row 331)", () => {
  test("S-178 an image built here goes compressed and comes back with its ID; both know the registry's digest", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const name = `${registry.host}/built:1`;
    const { imageId } = await here.image({ names: [name] });
    const pushed = await push(here, name);
    const pulled = await pull(there, name);
    expect(pulled).toEqual({
      name,
      imageId,
      platform: "linux/amd64",
      descriptor: pushed.descriptor,
      digest: pushed.descriptor.digest,
      isNew: true,
    });
    const digest = `${registry.host}/built@${pushed.descriptor.digest}`;
    for (const { store } of [here, there])
      expect(await inspectImage(store, name)).toMatchObject({ imageId, registryDigests: [digest] });
    expect(await listImages(there.store)).toMatchObject([{ name, registryDigest: digest }]);
    expect((await pull(there, name)).isNew).toBe(false);
  });

  test("what came compressed keeps the digest of its manifest", async () => {
    const here = new SampleStore();
    const name = `${registry.host}/pulled:1`;
    const { descriptor } = await here.image({ names: [name], compressed: true });
    expect((await push(here, name)).descriptor).toEqual(descriptor);
  });

  test("an image goes by another name, and in another form", async () => {
    const here = new SampleStore();
    const { imageId } = await here.image({ names: ["app:1"], compressed: true });
    const form = { ociMediaTypes: false, forceCompression: true, compressionLevel: 9 } as const;
    const { name, descriptor } = await push(here, imageId, { to: `${registry.host}/other:2`, form });
    expect(name).toBe(`${registry.host}/other:2`);
    expect(descriptor.mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
    await push(here, "app:1", {
      to: `${registry.host}/other:zstd`,
      form: { compression: "zstd", forceCompression: true },
    });
    const there = new SampleStore();
    await pull(there, `${registry.host}/other:zstd`);
    const { manifest } = await inspectImage(there.store, `${registry.host}/other:zstd`);
    expect(manifest.layers[0]!.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
  });

  test.each(["missing", "never"] as const)("--policy=%s asks no registry for what is there", async (policy) => {
    const here = new SampleStore();
    const { imageId } = await here.image({ names: ["no.example/app:1"] });
    expect(await pull(here, "no.example/app:1", { policy })).toMatchObject({ imageId, isNew: false });
    const other = { policy: "never", platform: "linux/s390x" };
    await expect(pull(here, "no.example/app:1", other)).rejects.toMatchObject({ code: "image_not_found" });
  });

  test("--policy=newer takes what the registry has, and stays with what is there when it has nothing", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const name = `${registry.host}/newer:1`;
    const old = await there.image({ names: [name] });
    expect(await pull(there, name, { policy: "newer" })).toMatchObject({ imageId: old.imageId, isNew: false });
    const { imageId } = await here.image({ names: [name], layers: [{ tree: { b: "b" } }] });
    await push(here, name);
    expect(await pull(there, name, { policy: "newer" })).toMatchObject({ imageId, isNew: true });
  });

  test.each([false, true])("an index goes with all its images; compressed: %s", async (compressed) => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const name = `${registry.host}/multi:${compressed}`;
    const amd = await here.image({ compressed });
    const other = await here.image({ compressed, platform: arm, layers: [{ tree: { arm: "64" } }] });
    await here.index(
      [name],
      [
        { ...amd.descriptor, platform: { os: "linux", architecture: "amd64" } },
        { ...other.descriptor, platform: arm },
      ],
    );
    await push(here, name);
    await pull(there, name, { platform: "linux/arm64" });
    expect((await inspectImage(there.store, name)).imageId).toBe(other.imageId);
    expect(skopeoInspect(`docker://${name}`)).toBeDefined();
  });

  test("one platform of an index goes alone when that is asked for", async () => {
    const here = new SampleStore();
    const name = `${registry.host}/one:1`;
    const { descriptor, imageId } = await here.image({ platform: arm });
    await here.index([name], [{ ...descriptor, platform: arm }]);
    await push(here, name, { platform: "linux/arm64" });
    const there = new SampleStore();
    const pulled = await pull(there, name, { platform: "linux/arm64" });
    expect(pulled.digest).toBe(pulled.descriptor.digest);
    expect((await inspectImage(there.store, name)).imageId).toBe(imageId);
  });

  test("all tags of a repository go, and come", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const repository = `${registry.host}/all/tags`;
    await here.image({ names: [`${repository}:1`, `${repository}:2`, `${registry.host}/all:1`] });
    const pushed = await using(here, (places) => pushAllTags(here.store, places, repository, { emit }));
    expect(pushed.map(({ name }) => name)).toEqual([`${repository}:1`, `${repository}:2`]);
    const pulled = await using(there, (places) => pullAllTags(there.store, places, repository, { emit }));
    expect(pulled.map(({ name }) => name).sort()).toEqual([`${repository}:1`, `${repository}:2`]);
    expect(await listImages(there.store)).toHaveLength(2);
  });

  test("a tag that is no image is named, and the others come", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const repository = `${registry.host}/some/tags`;
    const { descriptor } = await here.image({ names: [`${repository}:1`, `${repository}:3`], compressed: true });
    await here.index([`${repository}:2`], [{ ...descriptor, platform: { os: "linux", architecture: "s390x" } }]);
    await using(here, (places) => pushAllTags(here.store, places, repository, { emit }));
    const told: string[] = [];
    const onPulled = ({ name = "" }: PulledImage) => void told.push(name);
    await expect(
      using(there, (places) => pullAllTags(there.store, places, repository, { emit, onPulled })),
    ).rejects.toMatchObject({
      code: "platform_not_found",
      message: expect.stringContaining(`1 of 3 tags not pulled: ${repository}:2 (`),
    });
    expect((await listImages(there.store)).map(({ name }) => name)).toEqual([`${repository}:1`, `${repository}:3`]);
    expect(told.toSorted()).toEqual([`${repository}:1`, `${repository}:3`]);
  });

  test("by a digest", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const name = `${registry.host}/digest:1`;
    await here.image({ names: [name] });
    const { descriptor } = await push(here, name);
    const byDigest = `${registry.host}/digest@${descriptor.digest}`;
    expect(await pull(there, byDigest)).toMatchObject({ name: byDigest, digest: descriptor.digest });
    expect((await inspectImage(there.store, byDigest)).names).toEqual([byDigest]);
  });

  test("an ID is no name to push to; what is not there is said", async () => {
    const here = new SampleStore();
    const { imageId } = await here.image();
    await expect(push(here, imageId)).rejects.toMatchObject({ code: "usage" });
    await expect(push(here, "nope")).rejects.toMatchObject({ code: "image_not_found" });
    await expect(pull(here, `${registry.host}/nope:1`)).rejects.toMatchObject({ code: "image_not_found" });
    await expect(
      using(here, (places) => pullAllTags(here.store, places, `${registry.host}/nope`, { emit })),
    ).rejects.toThrow();
  });

  test("a pulled image takes a name over, and the old image stays without it", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const name = `${registry.host}/moved:1`;
    await here.image({ names: [name] });
    await push(here, name);
    const old = await there.image({ names: [name], layers: [{ tree: { old: "1" } }] });
    expect((await pull(there, name)).isNew).toBe(true);
    expect(await listImages(there.store, { dangling: true })).toMatchObject([{ imageId: old.imageId }]);
    expect(there.store.names.list().map((image) => image.name)).toEqual([name]);
  });
});

describe("pushImage() of an image that was pulled from an index (row 331)", () => {
  async function pulled(repository: string) {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const name = `${registry.host}/${repository}:1`;
    const amd = { os: "linux", architecture: "amd64" };
    const first = await here.image({ compressed: true });
    const second = await here.image({ compressed: true, platform: arm });
    const index = await here.index(
      [name],
      [
        { ...first.descriptor, platform: amd },
        { ...second.descriptor, platform: arm },
      ],
    );
    await push(here, name);
    await pull(there, name, { platform: "linux/amd64" });
    return { here, there, name, index, descriptor: first.descriptor };
  }

  const refused = (name: string, lost: string) => ({
    code: "usage",
    message: `pushing one image to "${name}" would replace the index there, and lose ${lost}`,
    hint: expect.stringMatching(/tsbuild copy .*another tag.*--platform linux\/amd64\.$/),
  });

  test("the index is not replaced, and what would be lost is named", async () => {
    const { there, name, index } = await pulled("kept");
    await expect(push(there, name)).rejects.toMatchObject(refused(name, "linux/arm64"));
    expect((await pull(new SampleStore(), name, { platform: "linux/arm64" })).digest).toBe(index.digest);
  });

  test("nor after a push under another tag, which is allowed", async () => {
    const { there, name, descriptor } = await pulled("other");
    const other = name.replace(/1$/, "2");
    await tagImage(there.store, name, other);
    expect((await push(there, other)).descriptor).toMatchObject(descriptor);
    await expect(push(there, name)).rejects.toMatchObject(refused(name, "linux/arm64"));
  });

  test("nor when the registry has a newer index by now", async () => {
    const { here, there, name } = await pulled("newer");
    const { descriptor } = await here.image({ compressed: true, layers: [{ tree: { newer: "1" } }], platform: arm });
    await here.index([name], [{ ...descriptor, platform: arm }]);
    await push(here, name);
    await expect(push(there, name)).rejects.toMatchObject({ code: "usage" });
  });

  test("with --platform the one image goes, on purpose; a new build goes too", async () => {
    const { there, name, descriptor } = await pulled("purpose");
    expect((await push(there, name, { platform: "linux/amd64" })).descriptor).toMatchObject(descriptor);
    const again = await pulled("rebuilt");
    await again.there.image({ names: [again.name], layers: [{ tree: { mine: "1" } }] });
    await push(again.there, again.name);
    expect((await pull(new SampleStore(), again.name)).isNew).toBe(true);
  });
});
