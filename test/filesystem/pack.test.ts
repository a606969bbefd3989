import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileTree, indexLayer, packDirectory, unpackLayer } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import { entries, hardlink, symlink, tree } from "../helpers/tree.js";
import { packed, readFileInPieces, temporaryDirectory, withoutOffsets } from "./layers.js";

const EMPTY_LAYER = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

test("packChanges() of nothing is the empty layer that every builder makes (S-156)", async () => {
  const index = await packed([], join(temporaryDirectory(), "layer.tar"));
  expect(index).toMatchObject({ diffID: EMPTY_LAYER, size: 1024, changes: [] });
});

test("a layer is the same packed, read, unpacked and packed again", async () => {
  const directory = temporaryDirectory();
  const literal = {
    bin: { sh: "#!", "sh-link": hardlink("bin/sh") },
    etc: { passwd: "root", mtab: symlink("../proc/mounts") },
  };
  const upper = tree(join(directory, "upper"), literal);
  const first = await packDirectory(upper, FileTree.empty, { output: join(directory, "a.tar") });
  expect(withoutOffsets(first.changes)).toEqual(entries(literal));
  expect(first.diffID).toBe(sha256(readFileSync(join(directory, "a.tar"))));
  expect(await indexLayer(readFileInPieces(join(directory, "a.tar")))).toEqual(first);
  const unpacked = await unpackLayer(readFileInPieces(join(directory, "a.tar")), join(directory, "lower"));
  expect(unpacked).toEqual(first);
  const again = await packDirectory(join(directory, "lower"), FileTree.empty, { output: join(directory, "b.tar") });
  expect(again).toEqual(first);
  console.log(execFileSync("tar", ["tvf", join(directory, "a.tar")], { encoding: "utf8" }));
});
