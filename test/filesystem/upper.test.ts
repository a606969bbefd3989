// What is packed after commands ran on a real overlay mount, and on upper directories made by hand.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Entry,
  FileTree,
  indexLayer,
  type LayerChange,
  type LayerIndex,
  type LeftOver,
  packChanges,
  packDirectory,
  readXattrs,
  removeLeftOver,
  setXattr,
  unpackLayer,
} from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import { device, directory, entries, file, hardlink, symlink, tree, type TreeLiteral } from "../helpers/tree.js";
import { packed, readFileInPieces, temporaryDirectory } from "./layers.js";

interface Overlay {
  readonly index: LayerIndex;
  /** The tree that the layers say there is. */
  readonly tree: FileTree;
  /** The tree that the mount showed, by `find`. */
  readonly seen: string[];
  readonly upper: string;
  readonly leftOver: readonly LeftOver[];
}

/** Unpacks `literal` as the lower layer, runs `script` in an overlay on it, and packs what it changed. */
async function overlay(
  literal: TreeLiteral,
  script: string,
  options: { readonly userxattr?: boolean } = {},
): Promise<Overlay> {
  const scratch = temporaryDirectory();
  const path = (name: string) => join(scratch, name);
  for (const name of ["upper", "work", "merged"]) mkdirSync(path(name));
  const source = tree(path("source"), literal);
  const lower = await packDirectory(source, FileTree.empty, { output: path("lower.tar") });
  await unpackLayer(readFileInPieces(path("lower.tar")), path("lower"), options);
  const flags = options.userxattr ? "index=off,userxattr" : "redirect_dir=off,metacopy=off,index=off";
  const mount = `mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,${flags} merged`;
  const find = 'cd merged && find . -mindepth 1 -printf "%P %y %m %U %G %l\\n" | sort';
  const listing = execFileSync("unshare", ["-m", "sh", "-ec", `${mount}; (cd merged; ${script}) >&2; ${find}`], {
    cwd: scratch,
    encoding: "utf8",
  });
  const below = FileTree.of(lower.changes as Entry[]);
  let leftOver: readonly LeftOver[] = [];
  const onLeftOver = (found: readonly LeftOver[]) => void (leftOver = found);
  const index = await packDirectory(path("upper"), below, { output: path("layer.tar"), onLeftOver });
  expect(await indexLayer(readFileInPieces(path("layer.tar")))).toEqual(index);
  return {
    index,
    tree: below.apply(index.changes),
    seen: listing.split("\n").filter((line) => line !== ""),
    upper: path("upper"),
    leftOver,
  };
}

const spelled = (changes: readonly LayerChange[]) =>
  changes.map(({ path, type }) => (type === "whiteout" ? `-${path}` : type === "opaque" ? `!${path}` : path));

function findLines(all: FileTree): string[] {
  const letters = { file: "f", directory: "d", symlink: "l", character: "c", block: "b", fifo: "p" };
  const lines = [...all.walk()]
    .slice(1)
    .map(
      ({ path, type, mode, uid, gid, target = "" }) =>
        `${path} ${letters[type]} ${mode.toString(8)} ${uid} ${gid} ${target}`,
    );
  return lines.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const base = {
  bin: { sh: file("#!shell", 0o755), tool: "tool" },
  data: directory({ a: "a", b: { c: "c", d: "d" } }, { mode: 0o750, uid: 3 }),
  etc: { passwd: "root" },
  link: symlink("bin"),
};

describe("packDirectory() after a command on an overlay", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["nothing when nothing happened (S-156)", "true", []],
    ["new files with their parents (S-166)", "echo hi >bin/new; mkdir -p opt/x", ["bin", "bin/new", "opt", "opt/x"]],
    ["a changed file", "echo more >>etc/passwd", ["etc", "etc/passwd"]],
    ["a whiteout of a deleted file (S-160)", "rm bin/tool", ["bin", "-bin/tool"]],
    ["one whiteout of a deleted tree", "rm -r data", ["-data"]],
    ["no whiteout of what the command made itself (S-163)", "touch x bin/y; mkdir z; rm -r x bin/y z", []],
    [
      "whiteouts of all that a directory had that was made again (S-160, S-162)",
      "rm -r data; mkdir data; touch data/new",
      ["data", "-data/a", "-data/b", "data/new"],
    ],
    [
      "nothing of a directory that was made again as it was",
      "cp -a data /tmp/keep.$$; rm -r data; cp -a /tmp/keep.$$ data; rm -r /tmp/keep.$$",
      [],
    ],
    [
      "what is missing in a directory that was made again, and in those below it",
      "cp -a data /tmp/keep.$$; rm -r data; cp -a /tmp/keep.$$ data; rm -r /tmp/keep.$$ data/a data/b/c",
      ["data", "-data/a", "data/b", "-data/b/c"],
    ],
    [
      "a whiteout and nothing opaque inside a new tree",
      "rm -r data/b; mkdir data/b; rmdir data/b",
      ["data", "-data/b"],
    ],
    ["a file where a directory was (S-167)", "rm -r data; echo f >data", ["data"]],
    [
      "a directory where a file was (S-167)",
      "rm etc/passwd; mkdir etc/passwd; touch etc/passwd/x",
      ["etc", "etc/passwd", "etc/passwd/x"],
    ],
    ["a changed mode of a file, with its content (S-165)", "chmod 4755 bin/sh", ["bin", "bin/sh"]],
    ["a changed owner of a directory alone", "chown 7:8 data/b", ["data", "data/b"]],
    ["a changed time of a file", "touch -d @5 bin/sh", ["bin", "bin/sh"]],
    ["nothing for a changed time of a directory", "touch -d @5 bin", []],
    ["nothing for a file that was only copied up (S-165)", "chmod 600 bin/sh; chmod 755 bin/sh", []],
    [
      "nothing for content that was written back, with its time",
      "cp -p bin/sh /tmp/keep.$$; echo x >bin/sh; cp -p /tmp/keep.$$ bin/sh; rm /tmp/keep.$$",
      [],
    ],
    [
      "same size and time but other content",
      "cp -p bin/sh /tmp/keep.$$; printf '#!SHELL' >bin/sh; touch -r /tmp/keep.$$ bin/sh; rm /tmp/keep.$$",
      ["bin", "bin/sh"],
    ],
    [
      "a renamed directory, whole (S-164)",
      "mv data moved",
      ["-data", "moved", "moved/a", "moved/b", "moved/b/c", "moved/b/d"],
    ],
    ["another target of a symlink", "ln -sfn etc link", ["link"]],
    [
      "devices and fifos, no sockets (S-171)",
      "mknod n c 1 3; mkfifo p; perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local=>q(s),Listen=>1)'; rm s; touch t",
      ["n", "p", "t"],
    ],
    ["the root when its mode changed", "chmod 700 .", [""]],
  ];

  test.each(cases)("has %s", async (_, script, expected) => {
    const { index, tree: all, seen } = await overlay(base, script);
    expect(spelled(index.changes)).toEqual(expected);
    expect(findLines(all)).toEqual(seen);
  });

  test("skips sockets (S-171)", async () => {
    const script = "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local=>q(bin/s),Listen=>1)'";
    expect(spelled((await overlay(base, script)).index.changes)).toEqual([]);
  });

  test("keeps hard links among files of the step, and breaks those to lower ones (S-168)", async () => {
    const literal = { a: "same", b: hardlink("a"), c: "other" };
    const { index } = await overlay(literal, "echo changed >b; echo new >x; ln x y; ln c d; mkdir e; ln x e/z");
    expect(index.changes).toMatchObject([
      { path: "b", size: 8 },
      { path: "c", size: 5 },
      { path: "d", hardlink: "c" },
      { path: "e" },
      { path: "e/z", size: 4 },
      { path: "x", hardlink: "e/z" },
      { path: "y", hardlink: "e/z" },
    ]);
    expect(index.changes[0]).not.toHaveProperty("hardlink");
  });

  test("has capabilities and user attributes, and none of overlayfs's own (S-161, S-169)", async () => {
    const { index, upper } = await overlay(
      base,
      "rm -r data; mkdir data; touch data/f; setfattr -n user.x -v 0x80ff data/f; setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 data/f",
    );
    expect(readXattrs(join(upper, "data"))?.get("trusted.overlay.opaque")).toEqual(Uint8Array.from([0x79]));
    expect(index.changes.map((change) => ("xattrs" in change ? [...change.xattrs!.keys()] : []))).toEqual([
      [],
      [],
      [],
      ["security.capability", "user.x"],
    ]);
  });

  test("reads opaque marks of mounts with userxattr", async () => {
    const { index, upper } = await overlay(base, "rm -r data; mkdir data", { userxattr: true });
    expect(readXattrs(join(upper, "data"))?.has("user.overlay.opaque")).toBe(true);
    expect(spelled(index.changes)).toEqual(["data", "-data/a", "-data/b"]);
  });

  test("names files by their bytes", async () => {
    const { index } = await overlay(base, "touch \"$(printf 'x\\377')\" \"$(printf 'q\\357\\277\\275')\"");
    expect(spelled(index.changes)).toEqual(["q\ufffd", "x\udcff"]);
  });

  test("a second layer of it shows the same files when it is mounted on the first", async () => {
    const { tree: all, seen } = await overlay(
      base,
      "rm -r data/b bin/tool; mkdir data/b; echo 1 >data/b/n; mv etc conf; ln bin/sh bin/hard",
    );
    expect(findLines(all)).toEqual(seen);
  });
});

describe("removeLeftOver()", () => {
  const namesIn = (path: string) => (readdirSync(path, { recursive: true }) as string[]).sort();
  const same = "chmod 600 bin/sh; chmod 755 bin/sh";
  const copied = "cp -p bin/tool bin/y; mv bin/y bin/tool";
  const socket = (path: string) => `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local=>q(${path}),Listen=>1)'`;

  test.each([
    ["a file that was only copied up, with its directory", same, []],
    ["a file beside one that was changed", `${same}; echo x >bin/new`, ["bin", "bin/new"]],
    ["a file that was replaced by an equal one", `${copied}; echo >>etc/passwd`, ["etc", "etc/passwd"]],
    [
      "a tree that was made again as it was",
      "cp -a data /tmp/k.$$; rm -r data; cp -a /tmp/k.$$ data; rm -r /tmp/k.$$",
      [],
    ],
    ["sockets", `touch new; ${socket("s")}; ${socket("bin/s")}`, ["new"]],
    ["no whiteout", "rm data/a data/b/d", ["data", "data/a", "data/b", "data/b/d"]],
  ])("takes %s", async (_, script, expected) => {
    const { upper, leftOver } = await overlay(base, script);
    expect(removeLeftOver(upper, leftOver)).toBe(true);
    expect(namesIn(upper)).toEqual(expected);
  });

  test("leaves directories their times", async () => {
    const { upper, leftOver, index } = await overlay(base, `${same}; touch -d @5.000001 bin .; chmod 700 bin`);
    expect(removeLeftOver(upper, leftOver)).toBe(true);
    expect(index.changes).toMatchObject([{ path: "bin", mtime: 5, mtimeNs: 1000 }]);
    for (const path of [upper, join(upper, "bin")])
      expect(statSync(path, { bigint: true }).mtimeNs).toBe(5_000_001_000n);
  });

  test.each([
    [
      "a directory that hides what is below shows it no more",
      "cp -a data /tmp/k.$$; rm -r data; cp -a /tmp/k.$$ data; rm -r /tmp/k.$$ data/a",
    ],
    ["a socket is in place of a file", `rm bin/tool; ${socket("bin/tool")}`],
  ])("touches nothing where %s", async (_, script) => {
    const { upper, leftOver } = await overlay(base, script);
    const before = namesIn(upper);
    expect(removeLeftOver(upper, leftOver)).toBe(false);
    expect(namesIn(upper)).toEqual(before);
  });
});

describe("packDirectory()", () => {
  const output = () => ({ output: join(temporaryDirectory(), "tar") });

  test("does not take whiteouts for hard links, although overlayfs links them", async () => {
    const upper = tree(join(temporaryDirectory(), "upper"), { a: device(0, 0), b: hardlink("a") });
    const { changes } = await packDirectory(upper, FileTree.of(entries({ a: "1", b: "2" })), output());
    expect(spelled(changes)).toEqual(["-a", "-b"]);
  });

  test.each(["trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"])(
    "sees only what is in the directory itself where it has %s",
    async (attribute) => {
      const literal = { d: { same: "same", sub: { x: "x" } } };
      const upper = tree(join(temporaryDirectory(), "upper"), { d: { same: "same", sub: {} } });
      const parent = await packed(entries(literal), output().output, { "d/same": "same", "d/sub/x": "x" });
      const below = FileTree.of(parent.changes as Entry[]);
      expect(spelled((await packDirectory(upper, below, output())).changes)).toEqual([]);
      setXattr(join(upper, "d"), attribute, Buffer.from("y"));
      const { changes } = await packDirectory(upper, below, output());
      expect(spelled(changes)).toEqual(["d", "d/sub", "-d/sub/x"]);
    },
  );

  test("takes an attribute that a command has set for no mark, and tells that it is dropped", async () => {
    const upper = tree(join(temporaryDirectory(), "upper"), { d: { new: "" } });
    setXattr(join(upper, "d"), "user.overlay.opaque", Buffer.from("y"));
    const below = FileTree.of(entries({ d: { old: "1" } }));
    const dropped: string[] = [];
    const { changes } = await packDirectory(upper, below, {
      ...output(),
      opaqueMarks: ["trusted.overlay.opaque"],
      onDropped: (...words) => dropped.push(words.join(" ")),
    });
    expect(spelled(changes)).toEqual(["d", "d/new"]);
    expect(dropped).toEqual(["d user.overlay.opaque"]);
  });

  test("takes files for marks where fuse-overlayfs writes them", async () => {
    const literal = { d: { a: "1", ".wh.b": "", ".wh..wh..opq": "", ".wh..wh.plnk": "" }, ".wh.gone": "" };
    const upper = tree(join(temporaryDirectory(), "upper"), literal);
    const below = FileTree.of(entries({ d: { b: "2", c: "3" }, gone: "4" }));
    const { changes } = await packDirectory(upper, below, { ...output(), markFiles: true });
    expect(spelled(changes)).toEqual(["d", "d/a", "-d/b", "-d/c", "-gone"]);
    await expect(packDirectory(upper, below, output())).rejects.toMatchObject({ code: "unsupported" });
  });

  test("is the same layer for the same files, whatever order they were made in", async () => {
    const [first, second] = [
      tree(join(temporaryDirectory(), "upper"), { a: "1", b: { c: "2" } }),
      tree(join(temporaryDirectory(), "upper"), { b: { c: "2" }, a: "1" }),
    ];
    expect((await packDirectory(first, FileTree.empty, output())).diffID).toBe(
      (await packDirectory(second, FileTree.empty, output())).diffID,
    );
  });

  test("reads files that forbid it to their owner, and leaves their modes", async () => {
    const scratch = temporaryDirectory();
    chmodSync(scratch, 0o777);
    const owner = { uid: 1000, gid: 1000, mode: 0 };
    const upper = tree(join(scratch, "upper"), { closed: directory({ secret: file("abc", owner) }, owner) });
    setXattr(join(upper, "closed"), "user.x", Buffer.from("y"));
    process.seteuid!(1000);
    const packing = packDirectory(upper, FileTree.empty, { output: join(scratch, "tar") });
    const { changes } = await packing.finally(() => process.seteuid!(0));
    expect(changes).toMatchObject([
      { path: "closed", mode: 0, xattrs: new Map([["user.x", Uint8Array.from([0x79])]]) },
      { path: "closed/secret", mode: 0, size: 3 },
    ]);
    const modes = ["closed", "closed/secret"].map((path) => statSync(join(upper, path)).mode & 0o777);
    expect(modes).toEqual([0, 0]);
  });
});

test("umoci unpacks an image of our layers to the files that the layers say", async () => {
  const scratch = temporaryDirectory();
  const first = await packDirectory(tree(join(scratch, "one"), base), FileTree.empty, {
    output: join(scratch, "one.tar"),
  });
  const long = "n".repeat(150);
  const second: LayerChange[] = [
    { path: "bin/tool", type: "whiteout" },
    ...entries({ data: directory({}, { mode: 0o750, uid: 3 }) }),
    { path: "data", type: "opaque" },
    ...entries({ data: { [long]: file("x", { uid: 3_000_000 }) } }).slice(1),
  ];
  const contentOf = () => Buffer.from("x");
  const index = await packChanges(second, { contentOf, output: join(scratch, "two.tar") });
  writeLayout(scratch);
  execFileSync("umoci", ["raw", "unpack", "--image", "image:latest", "root"], { cwd: scratch, stdio: "pipe" });
  const find = ["root", "-mindepth", "1", "-printf", "%P %y %m %U %G %l\\n"];
  const listing = execFileSync("find", find, { cwd: scratch, encoding: "utf8" });
  const seen = listing.split("\n").filter((line) => line !== "");
  const all = FileTree.of(first.changes as Entry[]).apply(index.changes);
  expect(seen.sort()).toEqual(findLines(all).sort());
});

/** An image layout with one image, made by umoci, whose layers are `one.tar` and `two.tar`. */
function writeLayout(scratch: string): void {
  const umoci = (...args: string[]) => execFileSync("umoci", args, { cwd: scratch, stdio: "pipe" });
  umoci("init", "--layout", "image");
  umoci("new", "--image", "image:latest");
  for (const name of ["one.tar", "two.tar"]) umoci("raw", "add-layer", "--image", "image:latest", name);
}

describe("times that a command set", () => {
  const [long, now] = [1_000_000_000, Math.floor(Date.now() / 1000)];
  const datesOf = async (files: Readonly<Record<string, number>>, below: Readonly<Record<string, number>> = {}) => {
    const scratch = temporaryDirectory();
    const directory = join(scratch, "upper");
    mkdirSync(directory);
    for (const [name, time] of Object.entries(files)) {
      writeFileSync(join(directory, name), "");
      utimesSync(join(directory, name), time, time);
    }
    const parent = Object.entries(below).map(([name, mtime]) => ({
      ...entries({ [name]: "" })[0]!,
      mtime,
      mode: 0o600,
    }));
    const options = { began: now, output: join(scratch, "tar") };
    return packDirectory(directory, FileTree.of(parent), options);
  };

  test("are those outside of its run which the layers below do not have", async () => {
    expect((await datesOf({ a: now })).dates).toBeUndefined();
    expect((await datesOf({ a: long })).dates).toBe(sha256(`["a",${long},0]\n`));
    expect((await datesOf({ a: now + 1000 })).dates).toBe(sha256(`["a",${now + 1000},0]\n`));
    expect((await datesOf({ a: long }, { a: long })).dates).toBeUndefined();
    expect((await datesOf({ a: long }, { a: long + 1 })).dates).toBe(sha256(`["a",${long},0]\n`));
  });

  test("are in no index", async () => {
    const { changes } = await datesOf({ a: long });
    expect(changes).toEqual([{ ...entries({ a: "" })[0]!, mtime: long, offset: expect.any(Number) }]);
  });
});
