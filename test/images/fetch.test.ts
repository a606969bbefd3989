// Images that are looked into where they are.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diffImages, imageHistory, inspectImage, pushImage, readManifest } from "../../commands/index.js";
import { listImages } from "../../images/index.js";
import { sha256 } from "../../oci/index.js";
import { type Registry, startRegistry } from "../helpers/registry.js";
import { SampleStore } from "./sample-store.js";

let registry: Registry;
beforeAll(async () => void (registry = await startRegistry()));
afterAll(() => registry.stop());

const TREE = { bin: { sh: "shell" } };

test("inspect, history and diff look into a registry, a layout and archives (row 332)", async () => {
  const [there, here] = [new SampleStore(), new SampleStore()];
  const { imageId } = await there.image({ names: ["app:1"], layers: [{ tree: TREE, by: "RUN make" }] });
  await here.image({ names: ["app:1"], layers: [{ tree: { bin: { sh: "shells" } } }] });
  const at = (name: string) => join(there.path, name);
  const { home } = here;
  const remote = `docker://${registry.host}/team/app:1`;
  const places = [remote, `oci:${at("layout")}:x`, `oci-archive:${at("o.tar")}`, `docker-archive:${at("d.tar")}`];
  for (const to of places) {
    const { descriptor } = await pushImage("app:1", { home: there.home, to });
    const details = await inspectImage(to, { home });
    expect(details).toMatchObject({ imageId, names: to === remote ? [`${registry.host}/team/app:1`] : [] });
    if (to === remote) expect(details.registryDigests).toEqual([`${registry.host}/team/app@${descriptor.digest}`]);
    expect(sha256(await readManifest(to, { home }))).toBe(details.descriptor.digest);
    expect((await imageHistory(to, { home })).map(({ createdBy }) => createdBy)).toEqual(['CMD ["a"]', "RUN make"]);
    const { files } = await diffImages(to, "app:1", { home });
    expect(files.map(({ path, kind }) => [path, kind])).toEqual([["bin/sh", "changed"]]);
  }
  expect(await listImages(here.store)).toHaveLength(1);
});

test("where no store is none is made, and an unknown transport is refused", async () => {
  const there = new SampleStore();
  const { imageId } = await there.image({ names: ["app:1"] });
  await pushImage("app:1", { home: there.home, to: `oci:${join(there.path, "out")}:x` });
  const home = join(there.path, "none");
  expect(await inspectImage(`oci:${join(there.path, "out")}`, { home })).toMatchObject({ imageId });
  await expect(inspectImage("docker-daemon:app:1", { home })).rejects.toMatchObject({ code: "bad_reference" });
  const wrong = inspectImage(`docker://${registry.host}/no:1`, { home });
  await expect(wrong).rejects.toMatchObject({ code: "image_not_found" });
});

test("an index is looked into for one platform, this machine's or another", async () => {
  const [there, here] = [new SampleStore(), new SampleStore()];
  const images = [];
  for (const architecture of ["s390x", "arm64"]) {
    const platform = { os: "linux", architecture };
    const image = await there.image({ platform, compressed: true, layers: [{ tree: { [architecture]: "" } }] });
    images.push({ ...image.descriptor, platform });
  }
  await there.index(["two:1"], images);
  const to = `docker://${registry.host}/two:1`;
  await pushImage("two:1", { home: there.home, to });
  const first = await inspectImage(to, { home: here.home });
  expect([first.config.architecture, first.manifests.length]).toEqual(["s390x", 2]);
  const other = await inspectImage(to, { home: here.home, platform: "linux/arm64" });
  expect(other.config.architecture).toBe("arm64");
  const none = inspectImage(to, { home: here.home, platform: "linux/riscv64" });
  await expect(none).rejects.toMatchObject({ code: "platform_not_found" });
});
