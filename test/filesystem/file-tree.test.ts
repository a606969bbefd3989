import { describe, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import type { LayerChange } from "../../filesystem/entry.js";
import { FileTree } from "../../filesystem/file-tree.js";
import { sha256 } from "../../oci/index.js";
import { directory, entries, file, symlink } from "../helpers/tree.js";

const lower = sha256("lower");
const upper = sha256("upper");
const base = FileTree.empty.apply(entries({ bin: { sh: "#!", ls: "ls" }, etc: { passwd: "root" } }), lower);
const paths = (tree: FileTree) => [...tree.walk()].map((entry) => entry.path);

describe("apply()", () => {
  test("leaves the old tree as it was", () => {
    base.apply([{ path: "bin", type: "whiteout" }, ...entries({ new: "1" })]);
    expect(paths(base)).toEqual(["", "bin", "bin/ls", "bin/sh", "etc", "etc/passwd"]);
  });

  test("deletes what a whiteout names and all below it (S-160)", () => {
    const tree = base.apply([
      { path: "bin", type: "whiteout" },
      { path: "etc/none", type: "whiteout" },
      { path: "x/y", type: "whiteout" },
    ]);
    expect(paths(tree)).toEqual(["", "etc", "etc/passwd"]);
    expect(tree.size).toBe(3);
  });

  test("hides lower children at an opaque mark, not those of the same layer (S-162)", () => {
    const changes: LayerChange[] = [
      ...entries({ bin: {} }),
      { path: "bin", type: "opaque" },
      ...entries({ bin: { new: "n" } }).slice(1),
    ];
    const tree = base.apply(changes, upper);
    expect(paths(tree)).toEqual(["", "bin", "bin/new", "etc", "etc/passwd"]);
    expect(tree.size).toBe(5);
  });

  test("replaces only the metadata when a directory comes over a directory (S-166)", () => {
    const tree = base.apply(entries({ bin: directory({}, 0o700) }), upper);
    expect(tree.get("bin")).toMatchObject({ mode: 0o700 });
    expect(tree.layerOf("bin")).toBe(upper);
    expect(tree.layerOf("bin/sh")).toBe(lower);
  });

  test("replaces the whole tree when a file comes over a directory, and back (S-167)", () => {
    const filed = base.apply(entries({ bin: "file" }));
    expect(paths(filed)).toEqual(["", "bin", "etc", "etc/passwd"]);
    expect(paths(filed.apply(entries({ bin: { x: "1" } })))).toEqual(["", "bin", "bin/x", "etc", "etc/passwd"]);
  });

  test("makes missing parents 0755 and replaces parents that are no directories", () => {
    const [, , leaf] = entries({ a: { b: { c: "1" } } });
    const tree = base.apply(entries({ a: "file" })).apply([{ ...leaf!, path: "a/b/c" }], upper);
    expect(tree.get("a/b")).toMatchObject({ type: "directory", mode: 0o755, uid: 0, gid: 0 });
    expect(tree.layerOf("a")).toBe(upper);
    expect(tree.size).toBe(9);
  });

  test("sets the metadata of the root itself", () => {
    const root = { ...FileTree.empty.get("")!, mode: 0o700 };
    const tree = base.apply([root], upper);
    expect(tree.get("")).toEqual(root);
    expect(paths(tree)).toEqual(paths(base));
  });

  test("takes a later entry of the same layer for the last word", () => {
    const tree = FileTree.of([...entries({ a: { b: "1" } }), ...entries({ a: "2" }), ...entries({ a: { c: "3" } })]);
    expect(paths(tree)).toEqual(["", "a", "a/c"]);
  });
});

describe("resolve()", () => {
  const tree = FileTree.of(
    entries({
      usr: {
        bin: { node: "n" },
        lib: symlink("/usr/lib64"),
        lib64: { "libc.so": symlink("libc.so.6"), "libc.so.6": "c" },
      },
      bin: symlink("usr/bin"),
      up: symlink("../../../usr"),
      loop: symlink("loop"),
      dangling: symlink("/missing/place"),
    }),
  );

  test.each([
    ["/bin/node", "usr/bin/node"],
    ["bin/../bin/", "usr/bin"],
    ["usr/lib/libc.so", "usr/lib64/libc.so.6"],
    ["up/bin", "usr/bin"],
    ["../../etc", "etc"],
    ["dangling/x/../y", "missing/place/y"],
    ["usr/bin/node/x", "usr/bin/node/x"],
    ["", ""],
    ["/", ""],
  ])("%s leads to %s", (path, expected) => {
    expect(tree.resolve(path)).toBe(expected);
  });

  test("keeps a last symlink on request, but follows one before a slash", () => {
    expect(tree.resolve("usr/lib", { followLast: false })).toBe("usr/lib");
    expect(tree.resolve("bin/../lib", { followLast: false })).toBe("usr/lib");
    expect(tree.resolve("usr/lib/", { followLast: false })).toBe("usr/lib64");
  });

  test("refuses loops", () => {
    expect(() => tree.resolve("loop")).toThrow(TsbuildError);
    expect(() => tree.resolve("loop")).toThrow('"loop" leads through more than 40 symbolic links');
  });

  test("stat() is the entry that it leads to", () => {
    expect(tree.stat("/usr/lib/libc.so")).toMatchObject({ path: "usr/lib64/libc.so.6", type: "file" });
    expect(tree.stat("dangling")).toBeUndefined();
  });
});

test("children() and walk() are sorted by name, directories whole", () => {
  const tree = FileTree.of(entries({ "a-b": "1", a: { z: "1", b: "2" }, B: file("x") }));
  expect(paths(tree)).toEqual(["", "B", "a", "a/b", "a/z", "a-b"]);
  expect(tree.children("a").map((entry) => entry.path)).toEqual(["a/b", "a/z"]);
  expect(tree.children("B")).toEqual([]);
  expect([...tree.walk("a")].map((entry) => entry.path)).toEqual(["a", "a/b", "a/z"]);
});
