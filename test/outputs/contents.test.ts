import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Layer } from "../../executor/index.js";
import { MediaType, sha256 } from "../../oci/index.js";
import { squashLayers } from "../../outputs/layers/rewrite.js";
import { writeRootDirectory } from "../../outputs/rootfs/local.js";
import { rootFiles } from "../../outputs/rootfs/root-files.js";
import { entries } from "../helpers/tree.js";
import { describeBytes } from "../helpers/sample-image.js";
import { Stack } from "./stack.js";

/** A layer of a base image, as GNU tar makes them of files with holes: no file of it is in one piece. */
async function sparseLayer(stack: Stack): Promise<{ readonly layer: Layer; readonly content: Buffer }> {
  const file = join(stack.path, "hole");
  writeFileSync(file, "begin");
  truncateSync(file, 3_000_000);
  writeFileSync(file, "end", { flag: "a" });
  const tar = execFileSync("tar", ["--sparse", "-cf", "-", "-C", stack.path, "hole"], { maxBuffer: 1 << 26 });
  const blob = describeBytes(gzipSync(tar), MediaType.layerGzip);
  await stack.store.put(blob, Readable.from([gzipSync(tar)], { objectMode: false }));
  return { layer: { diffID: sha256(tar), content: sha256(tar), blob }, content: readFileSync(file) };
}

test("files with holes come whole out of compressed layers", async () => {
  const stack = new Stack();
  const { layer, content } = await sparseLayer(stack);
  const dest = join(stack.path, "out");
  await writeRootDirectory(await rootFiles([layer], stack.contents([layer])), dest);
  expect(readFileSync(join(dest, "hole")).equals(content)).toBe(true);
});

test("squashed, they are in one piece", async () => {
  const stack = new Stack();
  const { layer, content } = await sparseLayer(stack);
  const above = await stack.layer(entries({ more: "m" }), { more: "m" });
  const one = await squashLayers([], [layer, above], { store: stack.store, contents: stack.contents([layer]) });
  expect(stack.index(one).changes).toMatchObject([
    { path: "hole", size: content.length, digest: sha256(content), offset: expect.any(Number) },
    { path: "more" },
  ]);
});

test("a base layer that does not unpack to its diffID is refused", async () => {
  const stack = new Stack();
  const { layer } = await sparseLayer(stack);
  const wrong = { ...layer, diffID: sha256("other") };
  await expect(stack.contents([wrong]).open(wrong)).rejects.toMatchObject({
    code: "digest_mismatch",
    message: expect.stringContaining(`expected diffID ${sha256("other")}`),
  });
});
