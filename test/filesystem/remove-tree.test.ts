import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { removeTree } from "../../filesystem/index.js";
import { directory, tree } from "../helpers/tree.js";
import { temporaryDirectory } from "./layers.js";

const ours = { uid: 1000, gid: 1000 };

/** As somebody who may not open what its mode forbids. */
function asUser(work: () => void): void {
  process.setegid!(1000);
  process.seteuid!(1000);
  try {
    work();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}

test("removeTree() removes what keeps its own owner out", () => {
  const closed = { d: directory({ e: directory({ f: "" }, { ...ours, mode: 0 }) }, { ...ours, mode: 0o111 }), g: "" };
  const root = join(temporaryDirectory(), "root");
  mkdirSync(root, { mode: 0o755 });
  tree(join(root, "all"), { work: directory(closed, { ...ours, mode: 0o500 }) });
  for (const path of [root, join(root, "all")]) chownSync(path, ours.uid, ours.gid);
  chmodSync(dirname(root), 0o755);
  asUser(() => removeTree(join(root, "all")));
  expect(existsSync(join(root, "all"))).toBe(false);
});

test("removeTree() takes files too, and what is not there", () => {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, "");
  removeTree(path);
  removeTree(path);
  expect(existsSync(path)).toBe(false);
});
