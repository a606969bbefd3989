// What is an image, and what only looks like one.

import { expect, test } from "vitest";
import { type Descriptor, MediaType, readImage } from "../../oci/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { describeBytes, putBytes, putImage } from "../helpers/sample-image.js";

async function put(store: MemoryStore, type: string, fields: object = {}): Promise<Descriptor> {
  const config = await putBytes(store, "{}", type);
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [], ...fields };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = describeBytes(bytes, MediaType.manifest);
  await store.putManifest(descriptor, bytes);
  return descriptor;
}

test("an artifact is named by its type", async () => {
  const store = new MemoryStore();
  const chart = await put(store, "application/vnd.cncf.helm.config.v1+json");
  const thing = await put(store, "application/vnd.oci.empty.v1+json", { artifactType: "application/x.thing" });
  for (const [root, type] of [
    [chart, "application/vnd.cncf.helm.config.v1+json"],
    [thing, "application/x.thing"],
  ] as const)
    await expect(readImage(store, root)).rejects.toMatchObject({
      code: "bad_manifest",
      message: `${root.digest} is an artifact of type ${type}, not an image`,
    });
});

test("an image is read", async () => {
  const store = new MemoryStore();
  expect((await readImage(store, await putImage(store, ["a"]))).manifest.layers).toHaveLength(1);
});
