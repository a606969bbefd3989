// Archives that GNU tar makes in each of its formats, and archives that are broken.

import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Entry, indexLayer, readTar, setXattr, type TarMember } from "../../../filesystem/index.js";
import { writeSum } from "../../../filesystem/tar/header.js";
import { encodePax } from "../../../filesystem/tar/pax.js";
import { sha256 } from "../../../oci/index.js";
import { device, entries, fifo, file, hardlink, symlink, tree } from "../../helpers/tree.js";
import { packed, pieces, temporaryDirectory, withoutOffsets } from "../layers.js";

interface ReadMember extends TarMember {
  readonly content: string;
}

async function members(archive: Uint8Array, pieceSize?: number): Promise<ReadMember[]> {
  const found: ReadMember[] = [];
  let [current, content]: [TarMember | undefined, string] = [undefined, ""];
  await readTar(pieces(archive, pieceSize), {
    member: (member) => void ([current, content] = [member, ""]),
    content: (bytes) => void (content += Buffer.from(bytes).toString("latin1")),
    end: () => void found.push({ ...current!, content }),
  });
  return found;
}

function gnuTar(directory: string, ...args: string[]): Buffer {
  const all = ["--create", "--numeric-owner", "--sort=name", "--directory", directory, ...args];
  return execFileSync("tar", all, { env: { ...process.env, LC_ALL: "C" }, maxBuffer: 2 ** 28 });
}

const literal = {
  "b-fifo": fifo(0o600),
  "c-zero": device(1, 5, 0o666),
  dir: { "e\udcff": "odd bytes", ["long-".repeat(40)]: file("long name", { mode: 0o4711, uid: 70_000, gid: 5 }) },
  file: file("content", { mtime: 1_234_567_890 }),
  hard: hardlink("file"),
  symlink: symlink("target-".repeat(30)),
};

test.each(["gnu", "pax", "oldgnu"])("a tree that GNU tar wrote as %s is read whole", async (format) => {
  const directory = tree(temporaryDirectory(), literal);
  const archive = gnuTar(directory, `--format=${format}`, ".");
  const index = await indexLayer(pieces(archive, 700));
  expect(withoutOffsets(index.changes.slice(1))).toEqual(entries(literal));
  expect(index).toMatchObject({ diffID: sha256(archive), size: archive.length });
  for (const change of index.changes) {
    if (change.type !== "file" || change.offset === undefined) continue;
    expect(sha256(archive.subarray(change.offset, change.offset + change.size))).toBe(change.digest);
  }
});

test.each(["v7", "ustar"])("plain files that GNU tar wrote as %s are read", async (format) => {
  const plain = { dir: { ["p".repeat(60)]: file("1", 0o600) }, link: symlink("dir") };
  const archive = gnuTar(tree(temporaryDirectory(), plain), `--format=${format}`, ".");
  expect(withoutOffsets((await indexLayer(pieces(archive))).changes.slice(1))).toEqual(entries(plain));
});

test("ustar's prefix field is part of the name", async () => {
  const directory = tree(temporaryDirectory(), { ["d".repeat(90)]: { ["f".repeat(90)]: "x" } });
  const archive = gnuTar(directory, "--format=ustar", "d".repeat(90));
  expect((await members(archive)).map(({ path }) => path)).toEqual([
    "d".repeat(90),
    `${"d".repeat(90)}/${"f".repeat(90)}`,
  ]);
});

test("extended attributes of GNU tar are read, those of overlayfs are not part of a layer (S-161, S-169)", async () => {
  const directory = tree(temporaryDirectory(), { f: "x" });
  setXattr(join(directory, "f"), "user.a", Buffer.from([0x80, 0]));
  setXattr(join(directory, "f"), "trusted.overlay.opaque", Buffer.from("y"));
  const archive = gnuTar(directory, "--format=pax", "--xattrs", "--xattrs-include=*", "f");
  expect((await members(archive))[0]!.xattrs?.size).toBe(2);
  const { changes } = await indexLayer(pieces(archive));
  expect((changes[0] as Entry).xattrs).toEqual(new Map([["user.a", Uint8Array.from([0x80, 0])]]));
});

describe("sparse files", () => {
  function sparseFile(): string {
    const path = join(temporaryDirectory(), "sparse");
    const fd = openSync(path, "w");
    for (let part = 0; part < 40; part++) writeSync(fd, "data".repeat(1024), part * 65_536 + 8192);
    ftruncateSync(fd, 40 * 65_536);
    closeSync(fd);
    return path;
  }

  test.each([
    ["GNU", ["--format=gnu"]],
    ["PAX 0.0", ["--format=pax", "--sparse-version=0.0"]],
    ["PAX 0.1", ["--format=pax", "--sparse-version=0.1"]],
    ["PAX 1.0", ["--format=pax", "--sparse-version=1.0"]],
  ])("of the %s format have their holes filled", async (_, format) => {
    const path = sparseFile();
    const archive = gnuTar(join(path, ".."), "--sparse", ...format, "sparse");
    expect(archive.length).toBeLessThan(40 * 8192);
    const { changes } = await indexLayer(pieces(archive, 1000));
    expect(changes).toMatchObject([
      { path: "sparse", type: "file", size: 40 * 65_536, digest: sha256(readFileSync(path)) },
    ]);
    expect(changes[0]).not.toHaveProperty("offset");
  });

  test("whose map lies are refused", async () => {
    const archive = member({
      name: "GNUSparseFile.0/s",
      content: "abcd",
      records: { "GNU.sparse.size": "10", "GNU.sparse.map": "8,4" },
    });
    await expect(members(archive)).rejects.toThrow("a sparse map ends at 12, after the file's end at 10");
  });
});

describe("PAX headers", () => {
  test("override the header, the last record first, and an empty value takes back", async () => {
    const archive = Buffer.concat([
      member({ name: "global", type: "g", content: pax({ uid: "7", mtime: "9.5" }) }),
      member({ name: "short", content: "abc", records: { path: "long/./name", size: "3", gid: "8", mtime: "" } }),
      member({ name: "next", content: "" }),
      Buffer.alloc(1024),
    ]);
    expect(await members(archive)).toMatchObject([
      { path: "long/name", uid: 7, gid: 8, mtime: 0, content: "abc" },
      { path: "next", uid: 7, gid: 0, mtime: 9, mtimeNs: 500_000_000 },
    ]);
  });

  test("with bsdtar's attributes are read", async () => {
    const archive = member({ name: "f", content: "", records: { "LIBARCHIVE.xattr.user.x": "gAE" } });
    expect((await members(archive))[0]!.xattrs).toEqual(new Map([["user.x", Buffer.from([0x80, 1])]]));
  });
});

describe("what is no good archive is refused", () => {
  test("wherever it is cut off in more than padding", async () => {
    const directory = temporaryDirectory();
    await packed(entries({ a: "1".repeat(600), ["b".repeat(150)]: "2" }), join(directory, "tar"), {
      a: "1".repeat(600),
    });
    const archive = readFileSync(join(directory, "tar"));
    const isWhole = (length: number) =>
      length === 0 || (length >= 512 + 600 && length <= 512 + 1024) || length > archive.length - 1024 - 512;
    for (let length = 0; length < archive.length - 1024; length += 128) {
      if (isWhole(length)) await members(archive.subarray(0, length));
      else
        await expect(members(archive.subarray(0, length)), String(length)).rejects.toMatchObject({
          code: "bad_archive",
        });
    }
  });

  test.each([
    [
      "a wrong checksum",
      corrupted(member({ name: "f", content: "" })),
      /^expected a header with checksum \d+, found \d+$/,
    ],
    ["no tar at all", Buffer.alloc(2048, "x"), /^expected a header with checksum/],
    [
      "a path with ..",
      member({ name: "a/../../b", content: "" }),
      'expected a path inside the archive, found "a/../../b"',
    ],
    [
      "a hard link with ..",
      member({ name: "l", type: "1", linkname: "../f" }),
      'expected a path inside the archive, found "../f"',
    ],
    [
      "a hard link to nothing",
      member({ name: "l", type: "1", linkname: "f" }),
      'expected the target of the hard link "l" earlier in the archive, found no "f"',
    ],
    [
      "a root that is a file",
      member({ name: "/", type: "2" }),
      'expected a directory for the member "/", found a symlink',
    ],
    ["an unknown type", member({ name: "f", type: "Z" }), 'member "f" has the unknown type "Z"'],
    ["a whiteout of nothing", member({ name: "d/.wh.", content: "" }), 'the whiteout "d/.wh." names no file'],
    [
      "a PAX header that is no PAX header",
      member({ name: "p", type: "x", content: "garbage" }),
      'expected a PAX record, found "garbage"',
    ],
    [
      "a size that is a word",
      member({ name: "f", content: "", records: { size: "big" } }),
      'expected a number for the PAX record "size", found "big"',
    ],
    [
      "an owner out of range",
      member({ name: "f", content: "", records: { uid: "4294967296" } }),
      'expected a uid from 0 to 4294967295 for member "f", found 4294967296',
    ],
    [
      "an extended header at its end",
      member({ name: "p", type: "x", content: pax({ path: "x" }) }),
      "the archive ends after an extended header",
    ],
    [
      "data after a zero block",
      Buffer.concat([Buffer.alloc(512), member({ name: "f", content: "" })]),
      "a zero block stands in the middle of the archive",
    ],
  ])("with %s", async (_, archive, message) => {
    await expect(indexLayer(pieces(archive))).rejects.toThrow(message);
    await expect(indexLayer(pieces(archive))).rejects.toMatchObject({ code: "bad_archive" });
  });
});

test("leading slashes and dots are no part of a path (S-109)", async () => {
  const archive = Buffer.concat(["/etc/passwd", "./a//b/./c", "d/"].map((name) => member({ name, content: "" })));
  expect((await members(archive)).map(({ path, type }) => [path, type])).toEqual([
    ["etc/passwd", "file"],
    ["a/b/c", "file"],
    ["d", "directory"],
  ]);
});

test.each([0, 1, 508])("an archive of which only %i bytes of the last padding are there is whole", async (kept) => {
  const archive = member({ name: "f", content: "abc" }).subarray(0, 512 + 3 + kept);
  expect(await members(archive)).toMatchObject([{ path: "f", content: "abc" }]);
  expect(await indexLayer(pieces(archive))).toMatchObject({ diffID: sha256(archive), size: 515 + kept });
  await expect(members(archive.subarray(0, 514))).rejects.toThrow("in the middle of a member, at byte 514");
});

test("what follows the end of an archive is hashed, but not read", async () => {
  const archive = Buffer.concat([member({ name: "f", content: "" }), Buffer.alloc(1024), Buffer.alloc(9000, "x")]);
  const index = await indexLayer(pieces(archive, 4096));
  expect(index).toMatchObject({ diffID: sha256(archive), size: archive.length, changes: [{ path: "f" }] });
});

test("reading stops when the signal is aborted, and closes its source", async () => {
  let closed = false;
  const controller = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield member({ name: "f", content: "" });
    } finally {
      closed = true;
    }
  }
  setTimeout(() => controller.abort(), 50);
  await expect(indexLayer(endless(), { signal: controller.signal })).rejects.toMatchObject({ code: "interrupted" });
  expect(closed).toBe(true);
});

interface MemberSpec {
  readonly name: string;
  readonly type?: string;
  readonly linkname?: string;
  readonly content?: string | Buffer;
  readonly records?: Record<string, string>;
}

/** A member made by hand, with a PAX header when there are records. */
function member({ name, type = "0", linkname = "", content = "", records }: MemberSpec): Buffer {
  const header = Buffer.alloc(512);
  const body = Buffer.from(content);
  header.write(name, 0, "latin1");
  header.write(`${body.length.toString(8).padStart(11, "0")}`, 124, "latin1");
  header.write(type, 156);
  header.write(linkname, 157);
  header.write("ustar\x0000", 257, "latin1");
  writeSum(header, 0);
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  const extended = records ? member({ name: "pax", type: "x", content: pax(records) }) : Buffer.alloc(0);
  return Buffer.concat([extended, header, body, padding]);
}

function pax(records: Record<string, string>): Buffer {
  return encodePax(new Map(Object.entries(records)));
}

function corrupted(archive: Buffer): Buffer {
  archive[1] = 0x7a;
  return archive;
}
