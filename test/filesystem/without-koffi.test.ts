// The same work where the optional dependency koffi is missing: the tools of coreutils and attr do it.

import { closeSync, lstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import {
  FileTree,
  flock,
  makeNode,
  packDirectory,
  readXattrs,
  setTimes,
  setXattr,
  unpackLayer,
} from "../../filesystem/index.js";
import { libc, runTool } from "../../filesystem/sys.js";
import { entries, file, tree } from "../helpers/tree.js";
import { packed, readFileInPieces, temporaryDirectory } from "./layers.js";

vi.mock("node:module", () => ({
  createRequire: () => () => {
    throw Object.assign(new Error("Cannot find module 'koffi'"), { code: "MODULE_NOT_FOUND" });
  },
}));

test("koffi is not there", () => {
  expect(libc()).toBeUndefined();
});

test("setXattr() and readXattrs() keep any bytes, also on symlinks and odd names", () => {
  const directory = tree(temporaryDirectory(), { "a b\\ä": "x" });
  const path = join(directory, "a b\\ä");
  expect(readXattrs(path)).toBeUndefined();
  setXattr(path, "user.x", Uint8Array.from([0, 0x80, 0x0a]));
  setXattr(path, "user.empty", new Uint8Array());
  expect(readXattrs(path)).toEqual(
    new Map([
      ["user.empty", new Uint8Array()],
      ["user.x", Uint8Array.from([0, 0x80, 0x0a])],
    ]),
  );
});

test("makeNode() makes devices and fifos", () => {
  const directory = temporaryDirectory();
  makeNode(join(directory, "zero"), "character", { major: 1, minor: 5 });
  makeNode(join(directory, "pipe"), "fifo");
  expect([lstatSync(join(directory, "zero")).rdev, lstatSync(join(directory, "pipe")).isFIFO()]).toEqual([0x105, true]);
});

test("setTimes() is off by less than a microsecond", () => {
  const directory = tree(temporaryDirectory(), { f: "x" });
  setTimes(join(directory, "f"), 1_700_000_000, 123_456_789);
  const off = lstatSync(join(directory, "f"), { bigint: true }).mtimeNs - 1_700_000_000_123_456_789n;
  expect(Math.abs(Number(off))).toBeLessThan(1000);
});

test("a layer with whiteouts, opaque directories and xattrs unpacks and packs again", async () => {
  const scratch = temporaryDirectory();
  const output = join(scratch, "tar");
  const [directory, leaf] = entries({ d: { f: file("x", 0o4755) } });
  const kept = { ...leaf!, mtimeNs: 5, xattrs: new Map([["user.x", Uint8Array.of(7)]]) };
  const gone = { path: "gone", type: "whiteout" } as const;
  await packed([directory!, { path: "d", type: "opaque" }, kept, gone], output, { "d/f": "x" });
  await unpackLayer(readFileInPieces(output), join(scratch, "lower"));
  const parent = FileTree.of(entries({ d: { old: "" }, gone: "" }));
  const again = await packDirectory(join(scratch, "lower"), parent, { output });
  const named = await packed([directory!, kept, { path: "d/old", type: "whiteout" }, gone], output, { "d/f": "x" });
  expect(again.content).toBe(named.content);
});

test("flock() works by the tool", () => {
  const fd = openSync(join(temporaryDirectory(), "lock"), "a");
  expect(flock(fd, { exclusive: true, nonblocking: true })).toBe(true);
  closeSync(fd);
});

test("what cannot be done is told with what to install", () => {
  expect(() => runTool("no-such-tool", [])).toThrow('this machine can neither load koffi nor use "no-such-tool" here');
  const odd = join(temporaryDirectory(), "\udcff");
  expect(() => readXattrs(odd)).toThrow(
    expect.objectContaining({
      code: "sandbox_unavailable",
      hint: "Install the optional dependency koffi, or run `apt-get install attr`.",
    }),
  );
});
