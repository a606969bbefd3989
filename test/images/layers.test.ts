import { writeFileSync } from "node:fs";
import { expect, describe, test } from "vitest";
import { diffImages, imageHistory, inspectImage, readContents } from "../../images/index.js";
import { file, hardlink, symlink } from "../helpers/tree.js";
import { SampleStore } from "./sample-store.js";

describe("imageHistory() (row 333)", () => {
  test.each([false, true])("tells newest first what each instruction added; compressed: %s", async (compressed) => {
    const sample = new SampleStore();
    const { imageId } = await sample.image({
      names: ["app:1"],
      compressed,
      layers: [
        { tree: { a: "12345", l: hardlink("a"), s: symlink("a") }, by: "COPY a /" },
        { tree: { b: "x".repeat(2000) }, deletes: ["a"], by: "RUN make" },
      ],
    });
    const history = await imageHistory(sample.store, "app:1");
    expect(history.map(({ createdBy, size }) => [createdBy, size])).toEqual([
      ['CMD ["a"]', 0],
      ["RUN make", 2000],
      ["COPY a /", 5],
    ]);
    expect(history.map((entry) => entry.imageId)).toEqual([imageId, undefined, undefined]);
    expect(history.map(({ layer }) => layer !== undefined)).toEqual([false, true, true]);
  });

  test("names the blob that is damaged, and what helps", async () => {
    const sample = new SampleStore();
    const { descriptor } = await sample.image({ names: ["app:1"], compressed: true });
    const { manifest } = await inspectImage(sample.store, descriptor.digest);
    const [layer] = manifest.layers;
    writeFileSync(sample.store.blobs.path(layer!.digest), Buffer.alloc(layer!.size, 1));
    await expect(imageHistory(sample.store, "app:1")).rejects.toMatchObject({
      code: expect.stringMatching(/digest_mismatch|bad_archive/),
      message: expect.stringContaining('image "app:1" is not whole in the store'),
      hint: expect.stringContaining("again"),
    });
  });
});

describe("diffImages() (row 334)", () => {
  async function pair() {
    const sample = new SampleStore();
    await sample.image({
      names: ["a"],
      layers: [
        { tree: { same: "s", gone: "12", was: { dir: "x" }, text: "one", run: "#!", link: symlink("x"), own: "o" } },
      ],
      config: { Env: ["A=1", "B=2"], Cmd: ["x"], Labels: { l: "1" } },
    });
    await sample.image({
      names: ["b"],
      created: "2027-01-01T00:00:00Z",
      layers: [
        { tree: { same: file("s", { mtime: 5 }), was: "now a file", text: "three" } },
        { tree: { run: file("#!", 0o755), link: symlink("y"), own: file("o", { uid: 7 }), new: "123" } },
      ],
      config: { Env: ["A=1", "B=3"], Entrypoint: ["y"], Labels: { l: "1" } },
    });
    return sample.store;
  }

  test("tells each file that was added, removed or changed, and what of it; times do not count", async () => {
    const { files, sizes } = await diffImages(await pair(), ["a", "b"]);
    expect(files.map(({ path, kind, aspects, sizes: bytes }) => [path, kind, aspects.join(), ...bytes])).toEqual([
      ["gone", "removed", "", 2, 0],
      ["link", "changed", "target", 0, 0],
      ["new", "added", "", 0, 3],
      ["own", "changed", "owner", 1, 1],
      ["run", "changed", "mode", 2, 2],
      ["text", "changed", "content", 3, 5],
      ["was", "changed", "type", 0, 10],
      ["was/dir", "removed", "", 1, 0],
    ]);
    expect(sizes).toEqual([10, 22]);
  });

  test("tells each key of the config", async () => {
    const { config } = await diffImages(await pair(), ["a", "b"]);
    expect(config).toEqual([
      { key: "Cmd", a: ["x"] },
      { key: "Entrypoint", b: ["y"] },
      { key: "Env.B", a: "2", b: "3" },
    ]);
  });

  test("of an image and itself tells nothing", async () => {
    const diff = await diffImages(await pair(), ["a", "a"]);
    expect(diff).toMatchObject({ files: [], config: [] });
  });
});

test("readContents() finds the packages of an image that is kept compressed", async () => {
  const sample = new SampleStore();
  const status = "Package: bash\nStatus: install ok installed\nVersion: 5.2\nInstalled-Size: 7\n";
  const app = { node_modules: { dep: { "package.json": '{"name":"dep","version":"1.0.0"}' } } };
  await sample.image({
    names: ["app"],
    compressed: true,
    layers: [{ tree: { var: { lib: { dpkg: { status } } }, app } }],
  });
  const { packages } = await readContents(sample.store, "app");
  expect(packages.map(({ type, name, version }) => `${type} ${name} ${version}`)).toEqual([
    "deb bash 5.2",
    "npm dep 1.0.0",
  ]);
});
