// GNU tar, tar-stream and umoci say whether what is written means what it should.

import { execFileSync } from "node:child_process";
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { expect, test } from "vitest";
import { encodeName, type Entry, type LayerChange, readXattrs } from "../../../filesystem/index.js";
import { entries, fifo, file, hardlink, symlink } from "../../helpers/tree.js";
import { packed, temporaryDirectory } from "../layers.js";

const plain = entries({ a: { b: file("hello", { mode: 0o4755, uid: 5, gid: 6 }) } });
const leaf: Entry = { path: "f", type: "file", mode: 0o644, uid: 0, gid: 0, size: 3, mtime: 5, mtimeNs: 0 };

function gnuTar(args: readonly string[]): string {
  return execFileSync("tar", args, { encoding: "latin1", env: { ...process.env, LC_ALL: "C", TZ: "UTC" } });
}

async function extracted(changes: readonly LayerChange[], contents: Record<string, string> = {}): Promise<string> {
  const directory = temporaryDirectory();
  await packed(changes, join(directory, "layer.tar"), contents);
  gnuTar([
    "--extract",
    "--xattrs",
    "--xattrs-include=*",
    "--same-owner",
    "-p",
    "--file",
    join(directory, "layer.tar"),
    "--directory",
    directory,
  ]);
  return directory;
}

test("a plain file is one ustar header block, byte for byte", async () => {
  const tar = join(temporaryDirectory(), "layer.tar");
  await packed(plain.slice(1), tar, { "a/b": "hello" });
  const bytes = readFileSync(tar);
  const text = (from: number, to: number) => bytes.toString("latin1", from, to).replace(/\0+$/, "");
  expect([text(0, 100), text(100, 108), text(108, 116), text(116, 124), text(124, 136), text(136, 148)]).toEqual([
    "a/b",
    "0004755",
    "0000005",
    "0000006",
    "00000000005",
    "07346545000",
  ]);
  expect([text(156, 157), text(257, 265), text(345, 512), text(512, 1024)]).toEqual(["0", "ustar\x0000", "", "hello"]);
  expect(bytes.length).toBe(4 * 512);
});

test("GNU tar lists names, types, owners and times as they were given", async () => {
  const tar = join(temporaryDirectory(), "layer.tar");
  const changes = entries({
    dir: { sub: {} },
    fifo: fifo(0o600),
    file: file("x", { uid: 1000, gid: 2000 }),
    hard: hardlink("file"),
    link: symlink("dir/sub"),
  });
  await packed(changes, tar, { file: "x" });
  expect(
    gnuTar(["tvf", tar, "--numeric-owner"])
      .trim()
      .split("\n")
      .map((line) => line.replaceAll(/ +/g, " ")),
  ).toEqual([
    "drwxr-xr-x 0/0 0 2001-09-09 01:46 dir/",
    "drwxr-xr-x 0/0 0 2001-09-09 01:46 dir/sub/",
    "prw------- 0/0 0 2001-09-09 01:46 fifo",
    "-rw-r--r-- 1000/2000 1 2001-09-09 01:46 file",
    "hrw-r--r-- 1000/2000 0 2001-09-09 01:46 hard link to file",
    "lrwxrwxrwx 0/0 0 2001-09-09 01:46 link -> dir/sub",
  ]);
});

test.each([
  ["before the epoch", -1_000_000, 0],
  ["with nanoseconds (S-170)", 1_700_000_000, 123_456_789],
  ["before the epoch, with nanoseconds", -5, 250_000_000],
  ["after 2038", 2 ** 33 + 5, 0],
])("GNU tar restores a time %s", async (_, mtime, mtimeNs) => {
  const directory = await extracted([{ ...leaf, mtime, mtimeNs }]);
  expect(lstatSync(join(directory, "f"), { bigint: true }).mtimeNs).toBe(
    BigInt(mtime) * 1_000_000_000n + BigInt(mtimeNs),
  );
});

test("GNU tar restores owners above 2097151 (S-169)", async () => {
  const directory = await extracted([{ ...leaf, uid: 5_000_000, gid: 0xfffffffe }]);
  expect(lstatSync(join(directory, "f"))).toMatchObject({ uid: 5_000_000, gid: 0xfffffffe });
});

test.each([
  ["of 100 bytes", "n".repeat(100)],
  ["of 101 bytes", "n".repeat(101)],
  ["below long directories", `${"d".repeat(120)}/${"e".repeat(200)}/f`],
  ["that is UTF-8", "grüße 😀"],
  ["that is not UTF-8", "x\udcff\udcfe"],
  ["with a newline", "a\nb"],
])("GNU tar restores a name %s", async (_, path) => {
  const directory = await extracted([{ ...leaf, path }], { [path]: "abc" });
  expect(readFileSync(encodeName(join(directory, path)), "utf8")).toBe("abc");
});

test("GNU tar restores symlinks with long targets and with bytes that are not UTF-8", async () => {
  const link: Entry = { ...leaf, type: "symlink", size: 0, mode: 0o777 };
  const directory = await extracted([
    { ...link, path: "long", target: "t".repeat(300) },
    { ...link, path: "odd", target: "\udc80" },
  ]);
  expect(readlinkSync(join(directory, "long"))).toBe("t".repeat(300));
  expect(readlinkSync(join(directory, "odd"), "buffer")).toEqual(Buffer.from([0x80]));
});

test("GNU tar restores extended attributes of any bytes, capabilities among them (S-169)", async () => {
  const capability = Uint8Array.from([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const xattrs = new Map([
    ["security.capability", capability],
    ["user.a=b", Uint8Array.from([0x80, 0x0a, 0xff])],
  ]);
  const directory = await extracted([{ ...leaf, xattrs }]);
  expect(readXattrs(join(directory, "f"))).toEqual(xattrs);
});

test("tar-stream reads plain members as they were written", async () => {
  const tar = join(temporaryDirectory(), "layer.tar");
  await packed(plain, tar, { "a/b": "hello" });
  const seen: Pick<Header, "name" | "type" | "mode" | "uid" | "size">[] = [];
  const reader = extract();
  reader.on("entry", ({ name, type, mode, uid, size }, content, next) => {
    seen.push({ name, type, mode, uid, size } as Header);
    content.on("end", next).resume();
  });
  await pipeline(createReadStream(tar), reader);
  expect(seen).toEqual([
    { name: "a/", type: "directory", mode: 0o755, uid: 0, size: 0 },
    { name: "a/b", type: "file", mode: 0o4755, uid: 5, size: 5 },
  ]);
});

test("marks are empty files beside what they hide, and hidden names are refused (S-160)", async () => {
  const tar = join(temporaryDirectory(), "layer.tar");
  await packed(
    [
      ...entries({ d: {} }),
      { path: "d", type: "opaque" },
      { path: "d/gone", type: "whiteout" },
      { path: "gone", type: "whiteout" },
    ],
    tar,
  );
  expect(gnuTar(["tf", tar]).trim().split("\n")).toEqual(["d/", "d/.wh..wh..opq", "d/.wh.gone", ".wh.gone"]);
  await expect(packed([{ ...leaf, path: "d/.wh.x" }], tar)).rejects.toThrow(
    '"d/.wh.x" cannot be in a layer: names that begin with ".wh." mark deletions',
  );
  expect(readdirSync(join(tar, ".."))).toEqual([]);
});
