// Push and pull where the other side is no registry.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Layout } from "../../cache/index.js";
import { copy, pullImage, pushImage } from "../../commands/index.js";
import { chooseImage, inspectImage, listImages } from "../../images/index.js";
import { formatPlatform, hostPlatform } from "../../oci/index.js";
import { SampleStore } from "./sample-store.js";

describe("push and pull of places that are no registries (rows 330, 331)", () => {
  test.each([
    ["oci:PLACE:app", "docker.io/library/app:latest"],
    ["oci:PLACE:reg.example/a/app:2", "docker.io/library/app:1"],
    ["oci:PLACE:1.0", undefined],
    ["dir:PLACE", undefined],
    ["oci-archive:PLACE:app", "docker.io/library/app:latest"],
    ["docker-archive:PLACE", "docker.io/library/app:1"],
    ["docker-archive:PLACE:other:3", "docker.io/library/other:3"],
  ])("%s is found again as %s", async (text, name) => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    const { imageId, descriptor } = await here.image({ names: ["app:1"] });
    const place = text.replace("PLACE", join(here.path, "place")).replace("reg.example/a/app:2", "app:1");
    const pushed = await pushImage("app:1", { home: here.home, to: place });
    expect(pushed).toMatchObject({ name: place, descriptor: { digest: descriptor.digest } });
    const pulled = await pullImage(place, { home: there.home });
    expect(pulled.name).toBe(name);
    expect(pulled).toMatchObject({ imageId, isNew: true, platform: "linux/amd64" });
    expect(await inspectImage(there.store, name ?? imageId)).toMatchObject({ imageId });
    expect(await listImages(there.store)).toHaveLength(1);
  });

  test("an image without a name is pushed by its ID", async () => {
    const here = new SampleStore();
    const { imageId, descriptor } = await here.image();
    await pushImage(imageId, { home: here.home, to: `oci:${join(here.path, "out")}:x` });
    expect((await new Layout(join(here.path, "out")).resolve("x"))?.digest).toBe(descriptor.digest);
  });

  test("an archive for docker load holds one image of an index, and says which", async () => {
    const here = new SampleStore();
    const amd = await here.image();
    await here.index(["two:1"], [{ ...amd.descriptor, platform: { os: "linux", architecture: "amd64" } }]);
    const pushed = await pushImage("two:1", { home: here.home, to: `docker-archive:${join(here.path, "d.tar")}` });
    expect(pushed.chosen).toBe("linux/amd64");
  });

  test("local is this machine's platform, also for what has to fit", async () => {
    const here = new SampleStore();
    const fits = await here.image({ names: ["own:1"], platform: hostPlatform() });
    const other = await here.image({ names: ["other:1"], platform: { os: "linux", architecture: "s390x" } });
    expect((await chooseImage(here.store, fits.descriptor, "local")).descriptor.digest).toBe(fits.descriptor.digest);
    await expect(chooseImage(here.store, other.descriptor, "local")).rejects.toMatchObject({
      message: `expected an image for ${formatPlatform(hostPlatform())}, found one for linux/s390x`,
    });
  });

  test("an image for another platform is taken, and that is told", async () => {
    const [here, there] = [new SampleStore(), new SampleStore()];
    await here.image({ names: ["arm:1"], platform: { os: "linux", architecture: "arm64" } });
    const place = `oci:${join(here.path, "out")}:arm`;
    await copy("store:arm:1", place, { home: here.home });
    const own = formatPlatform(hostPlatform());
    expect(await pullImage(place, { home: there.home, platform: "local" })).toMatchObject(
      own === "linux/arm64" ? { platform: own } : { platform: "linux/arm64", expected: own },
    );
    expect(await pullImage(place, { home: there.home, platform: "linux/s390x" })).toMatchObject({
      platform: "linux/arm64",
      expected: "linux/s390x",
    });
  });

  test.each([
    ["ostree:x", { code: "bad_reference", hint: "Use oci:DIRECTORY." }],
    ["docker-daemon:app:1", { code: "bad_reference" }],
    ["containers-storage:app:1", { code: "bad_reference" }],
  ])("%s is refused by name, and never sought on Docker Hub", async (place, refusal) => {
    const here = new SampleStore();
    await here.image({ names: ["app:1"] });
    await expect(pushImage("app:1", { home: here.home, to: place })).rejects.toMatchObject(refusal);
    await expect(pullImage(place, { home: here.home })).rejects.toMatchObject(refusal);
  });

  test("what is for registries only is refused elsewhere", async () => {
    const here = new SampleStore();
    await here.image({ names: ["app:1"] });
    const options = { home: here.home, to: `oci:${join(here.path, "out")}`, form: { compression: "zstd" } } as const;
    await expect(pushImage("app:1", options)).rejects.toMatchObject({ code: "usage" });
    await expect(pullImage("store:app:1", { home: here.home })).rejects.toMatchObject({ code: "usage" });
  });
});
