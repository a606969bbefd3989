// Trees that are deeper than a path of the system can say.

import { existsSync, linkSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  contentDigest,
  type Entry,
  FileTree,
  hostPath,
  packDirectory,
  readXattrs,
  removeTree,
  setXattr,
  statOf,
  unpackLayer,
} from "../../filesystem/index.js";
import { bytesOnDisk } from "../../space/blocks.js";
import { readFileInPieces, temporaryDirectory } from "./layers.js";

const NAME = "e".repeat(60);

/** @returns the path of the deepest directory, relative to `root` */
function makeDeep(root: string, levels: number, name = NAME): string {
  mkdirSync(root);
  let path = "";
  for (let level = 0; level < levels; level++) {
    path = path === "" ? name : `${path}/${name}`;
    mkdirSync(hostPath(`${root}/${path}`));
  }
  return path;
}

test("packDirectory() and unpackLayer() take paths that are longer than PATH_MAX: files, links, attributes, times", async () => {
  const scratch = temporaryDirectory();
  const upper = join(scratch, "upper");
  const deep = makeDeep(upper, 130);
  writeFileSync(hostPath(`${upper}/${deep}/leaf`), "content");
  linkSync(hostPath(`${upper}/${deep}/leaf`), hostPath(`${upper}/${deep}/same`));
  symlinkSync("leaf", hostPath(`${upper}/${deep}/link`));
  setXattr(`${upper}/${deep}/leaf`, "user.note", Buffer.from("deep"));

  const index = await packDirectory(upper, FileTree.empty, { output: join(scratch, "layer.tar") });
  const unpacked = join(scratch, "unpacked");
  const read = await unpackLayer(readFileInPieces(join(scratch, "layer.tar")), unpacked);

  expect(read).toEqual(index);
  expect(readFileSync(hostPath(`${unpacked}/${deep}/same`), "utf8")).toBe("content");
  expect(readlinkSync(hostPath(`${unpacked}/${deep}/link`))).toBe("leaf");
  expect(readXattrs(`${unpacked}/${deep}/leaf`)?.get("user.note")).toEqual(Uint8Array.from(Buffer.from("deep")));
  expect(statOf(`${unpacked}/${deep}/leaf`).mtimeNs).toBe(statOf(`${upper}/${deep}/leaf`).mtimeNs);
  const below = FileTree.of(index.changes as Entry[]);
  const again = await packDirectory(unpacked, below, { output: join(scratch, "none.tar") });
  expect(again.changes).toEqual([]);
  expect(contentDigest(index.changes)).toBe(index.content);
});

test("removeTree() takes a tree of any depth", () => {
  const root = join(temporaryDirectory(), "root");
  const deep = makeDeep(root, 150);
  writeFileSync(hostPath(`${root}/${deep}/leaf`), "");
  mkdirSync(join(root, "beside/below"), { recursive: true });
  removeTree(root);
  expect(existsSync(root)).toBe(false);
});

test("bytesOnDisk() counts what is deep", () => {
  const root = join(temporaryDirectory(), "root");
  const deep = makeDeep(root, 100);
  const before = bytesOnDisk(root);
  writeFileSync(hostPath(`${root}/${deep}/leaf`), Buffer.alloc(100_000));
  expect(bytesOnDisk(root) - before).toBeGreaterThanOrEqual(100_000);
});

test("packDirectory() refuses what is deeper than layers may be, and says both ends of the path", async () => {
  const scratch = temporaryDirectory();
  const upper = join(scratch, "upper");
  makeDeep(upper, 45, "f".repeat(200));
  const packing = packDirectory(upper, FileTree.empty, { output: join(scratch, "layer.tar") });
  await expect(packing).rejects.toMatchObject({
    code: "limit_exceeded",
    message: expect.stringMatching(/^expected at most 8192 characters in the path of a directory, found "f+…f+"$/),
  });
  await expect(packing).rejects.toSatisfy(({ message }) => message.length < 300);
});
