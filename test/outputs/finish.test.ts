import { expect, test } from "vitest";
import type { ImageConfig } from "../../oci/index.js";
import { type AssembledImage, describeConfig } from "../../outputs/assemble.js";
import { type ConfigEdits, finishedImage } from "../../outputs/finish.js";
import { withClampedTimes } from "../../outputs/layers/images.js";
import { directory, entries, file } from "../helpers/tree.js";
import { Stack } from "./stack.js";

const CONFIG: ImageConfig = {
  architecture: "amd64",
  os: "windows",
  "os.version": "10.0.1",
  "os.features": ["win32k"],
  config: {},
  rootfs: { type: "layers", diff_ids: [] },
  history: [],
};

async function configWith(edits: ConfigEdits): Promise<ImageConfig> {
  const { store } = new Stack();
  const openOrigin = () => Promise.reject(new Error("nothing is elsewhere"));
  const image = await finishedImage({ ...describeConfig(CONFIG), layers: [] }, { ...edits, store, openOrigin });
  expect(image.configBytes.toString()).toBe(JSON.stringify(image.config));
  return image.config;
}

test.each<[edits: ConfigEdits, version: string, features: readonly string[] | undefined]>([
  [{}, "10.0.1", ["win32k"]],
  [{ osVersion: "10.0.2" }, "10.0.2", ["win32k"]],
  [{ osFeatures: ["a", "win32k-"] }, "10.0.1", ["a"]],
  [{ osFeatures: ["win32k-"] }, "10.0.1", undefined],
])("row 128: the system of an image with %j", async (edits, version, features) => {
  const config = await configWith(edits);
  expect(config["os.version"]).toBe(version);
  expect(config["os.features"]).toEqual(features);
});

test("row 294: all times of new layers are that of the image, older ones too; the base's stay", async () => {
  const stack = new Stack();
  const tree = (mtime: number) => entries({ d: directory({ f: file("x", { mtime }) }, { mtime }) });
  const layers = [await stack.layer(tree(10), { "d/f": "x" }), await stack.layer(tree(20), { "d/f": "x" })];
  const image: AssembledImage = { ...describeConfig(CONFIG), layers, base: 1 };
  const options = { store: stack.store, contents: stack.contents(layers) };
  const times = ({ layers: all }: AssembledImage) =>
    all.map((layer) => stack.index(layer).changes.map((change) => ("mtime" in change ? change.mtime : 0)));
  expect(times(await withClampedTimes(image, 30, options))).toEqual([
    [10, 10],
    [20, 20],
  ]);
  expect(times(await withClampedTimes(image, 30, { ...options, allTimes: true }))).toEqual([
    [10, 10],
    [30, 30],
  ]);
});
