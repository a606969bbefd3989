// Layers are brought only as near as somebody needs them.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Store } from "../../../cache/index.js";
import { keepLayer, LayerAccess, layerOf, type Snapshot } from "../../../executor/layers/index.js";
import { type LayerChange, packChanges } from "../../../filesystem/index.js";
import { MemoryStore } from "../../helpers/memory-store.js";
import { entriesOf } from "../copy/memory-source.js";

let root: string;
let store: Store;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsbuild-layers-"));
  store = Store.openAt(root);
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const access = () => new LayerAccess(store, { openOrigin: () => Promise.reject(new Error("nothing is elsewhere")) });

async function layer(changes: readonly LayerChange[]) {
  const tar = join(store.scratch(), `layer-${Math.random()}.tar`);
  const index = await packChanges(changes, { contentOf: ({ path }) => Buffer.from(path), output: tar });
  return layerOf(keepLayer(store, access(), { index, tar, created: "2026-01-01T00:00:00Z" }));
}

/** Files whose content is their own path. */
const files = (...paths: string[]) => entriesOf(Object.fromEntries(paths.map((path) => [path, path])));

describe("LayerAccess", () => {
  test("tree() merges the layers, and unpacks none", async () => {
    const snapshot: Snapshot = {
      layers: [await layer(files("a", "b")), await layer([{ path: "a", type: "whiteout" }, ...files("c")])],
    };
    const tree = await access().tree(snapshot);
    expect([...tree.walk()].map(({ path }) => path)).toEqual(["", "b", "c"]);
    expect(existsSync(store.paths.layers)).toBe(false);
  });

  test("contentOf() reads out of the tar", async () => {
    const snapshot = { layers: [await layer(files("a", "d/b"))] };
    const layers = access();
    const tree = await layers.tree(snapshot);
    await layers.prepareContent(snapshot, new Set([snapshot.layers[0]!.diffID]));
    const { path, offset } = layers.contentOf(tree.layerOf("d/b")!, tree.get("d/b")!);
    expect(
      readFileSync(path)
        .subarray(offset, offset + 3)
        .toString(),
    ).toBe("d/b");
  });

  test("S-177 lowerDirectories() leaves out empty layers, and gives a repeated one a directory of its own", async () => {
    const [one, empty, two] = [await layer(files("a")), await layer([]), await layer(files("b"))];
    const directories = await access().lowerDirectories({ layers: [one, empty, two, one] });
    expect(directories).toHaveLength(3);
    expect(new Set(directories).size).toBe(3);
    expect(directories.map((path) => ["a", "b"].filter((name) => existsSync(join(path, name))))).toEqual([
      ["a"],
      ["b"],
      ["a"],
    ]);
  });

  test("a layer without its directories looks on each base as that base has them", async () => {
    const bare = await layer(files("d/x"));
    const on = async (mode: number) => {
      const base = await layer(entriesOf({ "d/": { mode } }));
      const [top = ""] = await access().lowerDirectories({ layers: [base, bare] });
      return { top, tree: await access().tree({ layers: [base, bare] }) };
    };
    const [first, second] = [await on(0o700), await on(0o711)];
    expect(first.top).not.toBe(second.top);
    expect([first.tree.get("d")?.mode, second.tree.get("d")?.mode]).toEqual([0o700, 0o711]);
  });

  test("a blob that two builds need at once is fetched by one, and read by both", async () => {
    const made = await layer(files("a", "b"));
    const bytes = readFileSync(store.blobs.path(made.blob.digest));
    const elsewhere = new MemoryStore();
    await elsewhere.put(made.blob, Readable.from([bytes], { objectMode: false }));
    const home = join(root, "shared");
    const stores = [Store.openAt(home), Store.openAt(home)];
    let opened = 0;
    const openOrigin = async () => {
      opened += 1;
      await setTimeout(20);
      return elsewhere;
    };
    const origin = { kind: "layout", directory: "elsewhere" } as const;
    const trees = stores.map((one) => new LayerAccess(one, { openOrigin }).tree({ layers: [{ ...made, origin }] }));
    for (const tree of await Promise.all(trees)) expect(tree.get("b")).toMatchObject({ type: "file" });
    expect(opened).toBe(1);
    for (const one of stores) one.close();
  });
});
