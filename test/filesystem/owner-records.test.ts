// Owners where the disk has one for all files (S-161, features 1.14).

import { type BigIntStats, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { afterAll, describe, expect, test } from "vitest";
import { type Entry, FileTree, knownOwners } from "../../filesystem/index.js";
import { OwnerRecords } from "../../filesystem/owner-records.js";
import { recordedOwner } from "../../filesystem/recorded-owner.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-owners-"));
afterAll(() => rmSync(directory, { recursive: true }));

const times = { mtime: 5, mtimeNs: 6 };
const root: Entry = { path: "", type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, ...times };
const file: Entry = { ...root, path: "f", type: "file" };
const link: Entry = { ...root, path: "l", type: "symlink", target: "f" };
const stat = { ino: 7n, birthtimeNs: 1_000_000_002n } as BigIntStats;
const owned = <T extends Entry>(entry: T): T => ({ ...entry, uid: 5, gid: 6 });

interface Case {
  readonly entry?: Entry;
  readonly below?: Entry;
  readonly record?: string;
  readonly notes?: string;
  readonly directory?: Entry;
  readonly parent?: readonly Entry[];
  readonly areKept?: boolean;
  readonly user?: number;
}

function ownerOf({ entry = file, below, record, notes, user = 0, ...rest }: Case): string {
  const path = join(directory, "notes");
  writeFileSync(path, notes ?? "");
  const records = new OwnerRecords(
    { owner: { uid: user, gid: user }, notes: path },
    FileTree.of([root, ...(rest.parent ?? [])]),
    () => rest.areKept ?? true,
  );
  const xattrs = record === undefined ? undefined : new Map([["user.tsbuild.owner", Buffer.from(record)]]);
  const { uid, gid } = records.ownerOf({ entry, stat, xattrs, below, directory: rest.directory ?? root });
  return `${uid}:${gid}`;
}

describe("OwnerRecords", () => {
  test.each<[string, Case, string]>([
    ["of a file with a record is that one", { record: "1234:55", below: owned(file) }, "1234:55"],
    ["of a new file is the step's user", { user: 1000 }, "1000:1000"],
    ["of a new file in a directory with setgid has its group", { directory: { ...root, mode: 0o2755, gid: 8 } }, "0:8"],
    ["of root's file that was copied up stays root's", { below: file, user: 1000 }, "0:0"],
    ["of a file that replaced another one's is the step's user", { below: owned(file), user: 9 }, "9:9"],
    ["is that below where nothing can be recorded", { below: owned(file), areKept: false }, "5:6"],
    ["of a symlink that was copied up stays", { entry: link, below: owned(link) }, "5:6"],
    [
      "of a symlink that replaced another is the step's user",
      { entry: { ...link, target: "g" }, below: owned(link) },
      "0:0",
    ],
    ["of a symlink that was renamed stays", { entry: { ...link, path: "m" }, parent: [owned(link)] }, "5:6"],
    ["of a symlink is the last one noted", { entry: link, notes: "7 1 2 1 1\n7 1 2 3 4\n" }, "3:4"],
    ["of an inode that was born later is not what was noted", { entry: link, notes: "7 1 1 3 4\n" }, "0:0"],
    ["goes by the inode where no birth is known", { entry: link, notes: "7 0 0 3 4\n" }, "3:4"],
    ["is not what was known of the layers below", { entry: link, notes: "- 1 2 /7 1 2 3 4\n" }, "0:0"],
  ])("the owner %s", (_, given, expected) => expect(ownerOf(given)).toBe(expected));
});

test("knownOwners() lists symlinks that are not root's, as lines", () => {
  const tree = FileTree.of([
    root,
    owned(file),
    owned(link),
    { ...owned(link), path: "with\nnewline" },
    { ...link, path: "x" },
  ]);
  expect(knownOwners(tree)).toBe("- 5 6 /l\n");
});

test.each(["", "5", "a:b", "1:2:3", "-1:2"])("recordedOwner() takes %j for none", (text) => {
  expect(recordedOwner(new Map([["user.tsbuild.owner", Buffer.from(text)]]))).toBeUndefined();
});
