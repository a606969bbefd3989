// Indexes of images from archives and layouts, pushed into archives and layouts.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Layout } from "../../cache/index.js";
import {
  addToManifest,
  createManifest,
  inspectManifest,
  manifestExists,
  pushImage,
  pushManifest,
} from "../../commands/index.js";
import { SampleStore } from "./sample-store.js";

describe("indexes and places that are no registries (row 340)", () => {
  /** An image for arm64 in places, and a store that has only one for amd64. */
  async function places() {
    const [other, own] = [new SampleStore(), new SampleStore()];
    await other.image({ names: ["arm:1"], platform: { os: "linux", architecture: "arm64" } });
    await own.image({ names: ["amd:1"] });
    const at = (name: string) => join(other.path, name);
    for (const to of [`oci:${at("layout")}:x`, `oci-archive:${at("o.tar")}:x`, `docker-archive:${at("d.tar")}:arm:1`])
      await pushImage("arm:1", { home: other.home, to });
    return { home: own.home, at };
  }

  test.each(["oci:layout:x", "oci-archive:o.tar:x", "docker-archive:d.tar"])("%s is added", async (text) => {
    const { home, at } = await places();
    await createManifest("all:1", ["amd:1"], { home });
    const [transport, file, ...tag] = text.split(":");
    await addToManifest("all:1", [transport, at(file!), ...tag].join(":"), { home });
    const { manifests } = await inspectManifest("all:1", { home });
    expect(manifests.map(({ platform }) => platform?.architecture)).toEqual(["amd64", "arm64"]);
  });

  test("an index goes to a layout and to an archive with all its images", async () => {
    const { home, at } = await places();
    const { digest } = await createManifest("all:1", ["amd:1", `oci:${at("layout")}:x`], { home });
    for (const to of [`oci:${at("out")}:1`, `oci-archive:${at("out.tar")}:1`]) {
      expect(await pushManifest("all:1", { home, to })).toMatchObject({ name: to, descriptor: { digest } });
      expect((await inspectManifest(to, { home })).manifests).toHaveLength(2);
    }
    expect((await new Layout(at("out")).resolve("1"))?.digest).toBe(digest);
  });

  test.each([
    ["ostree:x", { code: "bad_reference" }],
    ["docker-archive:x.tar", { code: "usage", message: expect.stringContaining("holds one image") }],
  ])("to %s it is refused", async (to, refusal) => {
    const { home } = await places();
    await createManifest("all:1", ["amd:1"], { home });
    await expect(pushManifest("all:1", { home, to })).rejects.toMatchObject(refusal);
  });

  test("whether there is one is told", async () => {
    const { home } = await places();
    await createManifest("all:1", ["amd:1"], { home });
    expect([await manifestExists("all:1", { home }), await manifestExists("amd:1", { home })]).toEqual([true, false]);
    expect(await manifestExists("none:1", { home })).toBe(false);
  });
});
