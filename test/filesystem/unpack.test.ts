import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Entry,
  FileTree,
  impliedDirectories,
  type LayerChange,
  readXattrs,
  unpackArchive,
  unpackLayer,
  type UnpackOptions,
} from "../../filesystem/index.js";
import { device, directory, entries, fifo, file, symlink, tree } from "../helpers/tree.js";
import { packed, pieces, readFileInPieces, temporaryDirectory } from "./layers.js";

const isRoot = process.getuid?.() === 0;

async function unpacked(
  changes: readonly LayerChange[],
  options: UnpackOptions = {},
  contents: Record<string, string> = {},
): Promise<string> {
  const scratch = temporaryDirectory();
  await packed(changes, join(scratch, "tar"), contents);
  await unpackLayer(readFileInPieces(join(scratch, "tar")), join(scratch, "lower"), options);
  return join(scratch, "lower");
}

const isWhiteout = (path: string) => lstatSync(path).isCharacterDevice() && lstatSync(path).rdev === 0;
const opaqueMark = (path: string) =>
  [...(readXattrs(path) ?? [])].map(([name, value]) => `${name}=${Buffer.from(value)}`);

describe.runIf(isRoot)("unpackLayer(), as root: it gives files to others", () => {
  test("sets owners, setuid bits, exact times and capabilities, also on symlinks and closed directories (S-097)", async () => {
    const capability = Uint8Array.from([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const [closed, ping, link] = entries({
      d: directory({ ping: file("x", { mode: 0o4755, uid: 7, gid: 8 }), s: symlink("ping") }, { mode: 0o555, uid: 9 }),
    });
    const lower = await unpacked([
      { ...closed!, mtimeNs: 7 },
      { ...ping!, mtimeNs: 123_456_789, xattrs: new Map([["security.capability", capability]]) },
      { ...link!, uid: 3, mtimeNs: 1 },
    ]);
    const stat = (path: string) => lstatSync(join(lower, path), { bigint: true });
    expect(stat("d")).toMatchObject({ mode: 0o40555n, uid: 9n, mtimeNs: 1_000_000_000_000_000_007n });
    expect(stat("d/ping")).toMatchObject({ mode: 0o104755n, uid: 7n, gid: 8n, mtimeNs: 1_000_000_000_123_456_789n });
    expect(stat("d/s")).toMatchObject({ uid: 3n, mtimeNs: 1_000_000_000_000_000_001n });
    expect(readXattrs(join(lower, "d/ping"))).toEqual(new Map([["security.capability", capability]]));
  });

  test("makes devices and fifos (S-171)", async () => {
    const lower = await unpacked(entries({ zero: device(1, 5, 0o666), far: device(300, 70_000), pipe: fifo(0o622) }));
    expect(
      execFileSync("stat", ["-c", "%F %a %t %T", "zero", "far", "pipe"], { cwd: lower, encoding: "utf8" })
        .trim()
        .split("\n"),
    ).toEqual(["character special file 666 1 5", "character special file 600 12c 11170", "fifo 622 0 0"]);
  });

  test("writes whiteouts and opaque marks as overlayfs wants them (S-161)", async () => {
    const changes: LayerChange[] = [
      ...entries({ d: {} }),
      { path: "d", type: "opaque" },
      { path: "gone", type: "whiteout" },
      { path: "x/y", type: "whiteout" },
    ];
    const lower = await unpacked(changes);
    expect([isWhiteout(join(lower, "gone")), isWhiteout(join(lower, "x/y"))]).toEqual([true, true]);
    expect(readdirSync(join(lower, "d"))).toEqual([]);
    expect(opaqueMark(join(lower, "d"))).toEqual(["trusted.overlay.opaque=y"]);
    expect(opaqueMark(join(await unpacked(changes, { userxattr: true }), "d"))).toEqual(["user.overlay.opaque=y"]);
  });

  test.each([
    ["before it", ["gone", "entries"]],
    ["after it", ["entries", "gone"]],
  ])("makes a directory opaque that the same layer deletes %s (S-162)", async (_, order) => {
    const parts: Record<string, LayerChange[]> = {
      gone: [{ path: "d", type: "whiteout" }],
      entries: entries({ d: { f: "" } }),
    };
    const lower = await unpacked(order.flatMap((part) => parts[part]!));
    expect(readdirSync(join(lower, "d"))).toEqual(["f"]);
    expect(opaqueMark(join(lower, "d"))).toEqual(["trusted.overlay.opaque=y"]);
  });

  test("never writes through a symlink of the layer (S-109)", async () => {
    const outside = tree(temporaryDirectory(), { victim: "untouched" });
    const [link] = entries({ link: symlink(outside) });
    const [, below] = entries({ link: { victim: "overwritten" } });
    const lower = await unpacked([link!, below!], {}, { "link/victim": "overwritten" });
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("untouched");
    expect(lstatSync(join(lower, "link")).isDirectory()).toBe(true);
    expect(readFileSync(join(lower, "link/victim"), "utf8")).toBe("overwritten");
  });

  test("replaces a symlink by a file of the same name instead of following it", async () => {
    const outside = tree(temporaryDirectory(), { victim: "untouched" });
    const lower = await unpacked(
      [...entries({ f: symlink(join(outside, "victim")) }), ...entries({ f: "new" })],
      {},
      { f: "new" },
    );
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("untouched");
    expect(lstatSync(join(lower, "f")).isFile()).toBe(true);
  });

  test("takes a later entry of the same layer for the last word (S-167)", async () => {
    const lower = await unpacked(
      [...entries({ a: { b: { c: "1" } }, f: "" }), ...entries({ a: "file" }), ...entries({ f: { x: "" } })],
      {},
      { a: "file" },
    );
    expect(readFileSync(join(lower, "a"), "utf8")).toBe("file");
    expect(readdirSync(join(lower, "f"))).toEqual(["x"]);
  });

  test("gives directories that the layer does not describe the look of those below", async () => {
    const [, leaf] = entries({ tmp: { x: "" } });
    const parent = FileTree.of(entries({ tmp: directory({}, { mode: 0o1777, uid: 5 }) }));
    const [bare, like] = [await unpacked([leaf!]), await unpacked([leaf!], { parent })];
    expect(lstatSync(join(bare, "tmp"))).toMatchObject({ mode: 0o40755, uid: 0 });
    expect(lstatSync(join(like, "tmp"))).toMatchObject({ mode: 0o41777, uid: 5 });
    expect(impliedDirectories([leaf!, { path: "o", type: "opaque" }])).toEqual(["o", "tmp"]);
    expect(impliedDirectories(entries({ tmp: { x: "" } }))).toEqual([]);
  });

  test("hides all of the root below when the root is opaque", async () => {
    const parent = FileTree.of(entries({ gone: "", kept: { old: "" } }));
    const changes: LayerChange[] = [...entries({ kept: { new: "" } }), { path: "", type: "opaque" }];
    const lower = await unpacked(changes, { parent });
    expect(isWhiteout(join(lower, "gone"))).toBe(true);
    expect(opaqueMark(join(lower, "kept"))).toEqual(["trusted.overlay.opaque=y"]);
    expect(impliedDirectories(changes)).toEqual([""]);
  });

  test("only records owners and devices where it is told to", async () => {
    const lower = await unpacked(entries({ dev: device(1, 5), own: file("x", { uid: 4000 }) }), {
      ownership: "record",
    });
    expect(lstatSync(join(lower, "own")).uid).toBe(0);
    expect(lstatSync(join(lower, "dev"))).toMatchObject({ size: 0, mode: 0o100600 });
  });

  test("tells a refusal of the system", async () => {
    const scratch = temporaryDirectory();
    await packed(entries({ a: "" }), join(scratch, "tar"));
    const unpacking = unpackLayer(readFileInPieces(join(scratch, "tar")), "/sys/nowhere");
    await expect(unpacking).rejects.toMatchObject({ code: "store_unwritable" });
  });
});

test("unpackArchive() takes names like .wh.x for names", async () => {
  const scratch = temporaryDirectory();
  const source = tree(join(scratch, "source"), { ".wh.x": "kept", d: { ".wh..wh..opq": "kept too" } });
  const archive = execFileSync("tar", ["--create", "--directory", source, "."]);
  await unpackArchive(pieces(archive), join(scratch, "out"));
  expect(readFileSync(join(scratch, "out/.wh.x"), "utf8")).toBe("kept");
  expect(readFileSync(join(scratch, "out/d/.wh..wh..opq"), "utf8")).toBe("kept too");
});

test("a hard link keeps its inode's owner and mode, whatever the link's own header says", async () => {
  const [first, ...rest] = entries({ a: file("x", 0o600) });
  const link: Entry = { ...first!, path: "b", hardlink: "a" };
  const lower = await unpacked([first!, ...rest, link], {}, { a: "x" });
  expect(lstatSync(join(lower, "a")).ino).toBe(lstatSync(join(lower, "b")).ino);
  expect(existsSync(join(lower, "b"))).toBe(true);
  expect(() => readlinkSync(join(lower, "b"))).toThrow("EINVAL");
});
