// COPY as data: the S-numbers are points of the semantics that BuildKit's copier has.

import { describe, expect, test } from "vitest";
import { planCopy } from "../../../executor/copy/plan.js";
import type { Entry } from "../../../filesystem/index.js";
import type { CopyOp, CopySource } from "../../../planner/index.js";
import { link, sourceOf, treeOf } from "./memory-source.js";

type Files = Parameters<typeof treeOf>[0];

interface Case {
  readonly from: Files;
  readonly onto?: Files;
  readonly copy: readonly string[];
  readonly to: string;
  readonly options?: Partial<CopyOp>;
}

async function plan(
  { from, onto = {}, copy, to, options = {} }: Case,
  warn = (_message: string) => {},
): Promise<readonly Entry[]> {
  const span = { file: { path: "Dockerfile", lines: [] }, line: 1, column: 1, length: 1 };
  const sources: CopySource[] = copy.map((path) => ({ kind: "files", input: 1, path, span }));
  const op: CopyOp = {
    kind: "copy",
    parent: 0,
    sources,
    destination: to,
    link: false,
    exclude: [],
    parents: false,
    unpack: "never",
    ...options,
  };
  const parent = op.link ? undefined : treeOf(onto);
  const passwd = "root:x:0:0::/root:/bin/sh\nweb:x:33:34::/:/bin/sh\n";
  const readFile = async (path: string) => (path === "etc/passwd" ? passwd : "staff:x:50:\n");
  const result = await planCopy(op, {
    parent,
    readFile,
    sources: new Map([[1, sourceOf(from)]]),
    now: 77,
    warn,
    scratch: () => "/nowhere",
  });
  return result.changes;
}

const shown = (entries: readonly Entry[]) =>
  entries.map(
    ({ path, type, mode, uid, gid, target }) =>
      `${type[0]} ${mode.toString(8)} ${uid}:${gid} ${path}${target === undefined ? "" : ` -> ${target}`}`,
  );

describe("planCopy()", () => {
  const table: readonly (readonly [string, Case, readonly string[]])[] = [
    [
      "S-075 a directory gives its contents",
      { from: { "d/a": "1", "d/s/b": "2" }, copy: ["d"], to: "/x/" },
      ["d 755 0:0 x", "f 644 0:0 x/a", "d 755 0:0 x/s", "f 644 0:0 x/s/b"],
    ],
    [
      "S-075 several directories merge",
      { from: { "d/a": "1", "e/b": "2" }, copy: ["d", "e"], to: "/x/" },
      ["d 755 0:0 x", "f 644 0:0 x/a", "f 644 0:0 x/b"],
    ],
    ["S-076 a file to a name", { from: { f: "1" }, copy: ["f"], to: "/g" }, ["f 644 0:0 g"]],
    [
      "S-076 a file to a directory that is to be made",
      { from: { f: "1" }, copy: ["f"], to: "/g/" },
      ["d 755 0:0 g", "f 644 0:0 g/f"],
    ],
    [
      "S-078 a file to a directory that is there",
      { from: { f: "1" }, onto: { "g/": {} }, copy: ["f"], to: "/g" },
      ["d 755 0:0 g", "f 644 0:0 g/f"],
    ],
    ["S-080 sources do not leave the root", { from: { foo: "1" }, copy: ["../../foo"], to: "/bar" }, ["f 644 0:0 bar"]],
    [
      "S-082 patterns match dotfiles",
      { from: { ".env": "1", a: "2" }, copy: ["*"], to: "/x/" },
      ["d 755 0:0 x", "f 644 0:0 x/.env", "f 644 0:0 x/a"],
    ],
    [
      "S-082 ** is one level",
      { from: { "a.ts": "1", "d/b.ts": "2", "d/e/c.ts": "3" }, copy: ["**/*.ts"], to: "/x/" },
      ["d 755 0:0 x", "f 644 0:0 x/b.ts"],
    ],
    ["S-083 a pattern without match copies nothing", { from: { a: "1" }, copy: ["*.md"], to: "/x/" }, ["d 755 0:0 x"]],
    ["S-084 [[] is a bracket", { from: { "arr[0].txt": "1" }, copy: ["arr[[]0].txt"], to: "/x" }, ["f 644 0:0 x"]],
    [
      "S-085 a named link to a directory is followed",
      { from: { "d/a": "1", l: link("d") }, copy: ["l"], to: "/x/" },
      ["d 755 0:0 x", "f 644 0:0 x/a"],
    ],
    [
      "S-085 a link inside a directory is kept",
      { from: { "d/a": "1", "d/l": link("a") }, copy: ["d"], to: "/x/" },
      ["d 755 0:0 x", "f 644 0:0 x/a", "s 777 0:0 x/l -> a"],
    ],
    [
      "S-086 destination links are followed in the root",
      { from: { f: "1" }, onto: { "real/": {}, l: link("/real") }, copy: ["f"], to: "/l/" },
      ["d 755 0:0 real", "f 644 0:0 real/f"],
    ],
    [
      "S-086 missing targets are made",
      { from: { f: "1" }, onto: { l: link("../gone/dir") }, copy: ["f"], to: "/l/" },
      ["d 755 0:0 gone", "d 755 0:0 gone/dir", "f 644 0:0 gone/dir/f"],
    ],
    [
      "S-087 --link does not see the base",
      { from: { f: "1" }, onto: { "real/": {}, l: link("/real") }, copy: ["f"], to: "/l/", options: { link: true } },
      ["d 755 0:0 l", "f 644 0:0 l/f"],
    ],
    [
      "S-090 the top directory keeps its mode",
      { from: { "d/": { mode: 0o700 }, "d/a": "1" }, onto: { "x/": { mode: 0o711, uid: 5 } }, copy: ["d"], to: "/x" },
      ["d 711 5:0 x", "f 644 0:0 x/a"],
    ],
    [
      "S-090 a nested directory takes the source's",
      {
        from: { "d/s/": { mode: 0o700 }, "d/s/a": "1" },
        onto: { "x/s/": { mode: 0o711, uid: 5 } },
        copy: ["d"],
        to: "/x",
      },
      ["d 755 0:0 x", "d 700 0:0 x/s", "f 644 0:0 x/s/a"],
    ],
    [
      "S-091 a made destination does not take the source's",
      { from: { "d/": { mode: 0o700, uid: 7 }, "d/a": "1" }, copy: ["d"], to: "/x" },
      ["d 755 0:0 x", "f 644 0:0 x/a"],
    ],
    [
      "S-091 --chown owns what is made",
      { from: { f: "1" }, copy: ["f"], to: "/p/f", options: { chown: "5:6" } },
      ["d 755 5:6 p", "f 644 5:6 p/f"],
    ],
    [
      "S-092 --chmod applies to made parents",
      { from: { foo: "1" }, copy: ["foo"], to: "/parent/foo", options: { chmod: "777" } },
      ["d 777 0:0 parent", "f 777 0:0 parent/foo"],
    ],
    [
      "S-093 a name gives its primary group",
      { from: { f: "1" }, copy: ["f"], to: "/f", options: { chown: "web" } },
      ["f 644 33:34 f"],
    ],
    [
      "S-093 user and group by name",
      { from: { f: "1" }, copy: ["f"], to: "/f", options: { chown: "web:staff" } },
      ["f 644 33:50 f"],
    ],
    [
      "S-096 symbolic modes are per file",
      {
        from: { "d/s/": { mode: 0o700 }, "d/x": { mode: 0o700, size: 0 }, "d/y": { mode: 0o600, size: 0 } },
        copy: ["d"],
        to: "/o/",
        options: { chmod: "u=rwX,go=rX" },
      },
      ["d 755 0:0 o", "d 755 0:0 o/s", "f 755 0:0 o/x", "f 644 0:0 o/y"],
    ],
    [
      "S-101 a file replaces a nested link",
      { from: { "d/a": "1" }, onto: { "x/a": link("/etc/passwd") }, copy: ["d"], to: "/x" },
      ["d 755 0:0 x", "f 644 0:0 x/a"],
    ],
    [
      "S-103 --exclude is relative to the source",
      {
        from: { "d/a.txt": "1", "d/b.md": "2", "d/s/c.txt": "3" },
        copy: ["d"],
        to: "/x/",
        options: { exclude: ["*.txt"] },
      },
      ["d 755 0:0 x", "f 644 0:0 x/b.md", "d 755 0:0 x/s", "f 644 0:0 x/s/c.txt"],
    ],
    [
      "S-104 --parents keeps the path below the pivot",
      {
        from: { "a/b/c/": { mode: 0o711 }, "a/b/c/f": "1" },
        copy: ["a/./b/c/f"],
        to: "/x/",
        options: { parents: true },
      },
      ["d 755 0:0 x", "d 755 0:0 x/b", "d 711 0:0 x/b/c", "f 644 0:0 x/b/c/f"],
    ],
    [
      "S-104 --parents knows **",
      {
        from: { "s/a.ts": "1", "s/d/b.ts": "2", "s/c.js": "3" },
        copy: ["s/**/*.ts"],
        to: "/x/",
        options: { parents: true },
      },
      ["d 755 0:0 x", "d 755 0:0 x/s", "f 644 0:0 x/s/a.ts", "d 755 0:0 x/s/d", "f 644 0:0 x/s/d/b.ts"],
    ],
  ];

  test.each(table)("%s", async (_name, given, expected) => {
    expect(shown(await plan(given))).toEqual(expected);
  });

  const failures: readonly (readonly [string, Case, string, RegExp])[] = [
    [
      "S-083 a literal path that is missing",
      { from: { a: "1" }, copy: ["b"], to: "/x" },
      "source_not_found",
      /^failed to calculate checksum of ref [a-z0-9]{25}::[a-z0-9]{25}: "\/b": not found$/,
    ],
    [
      "S-077 several files to one name",
      { from: { a: "1", b: "2" }, copy: ["a", "b"], to: "/d" },
      "copy_conflict",
      /2 sources .* one file "\/d"/,
    ],
    [
      "S-094 an unknown user",
      { from: { f: "1" }, copy: ["f"], to: "/f", options: { chown: "wbe" } },
      "unknown_user",
      /wbe/,
    ],
    [
      "S-096 a mode that is none",
      { from: { f: "1" }, copy: ["f"], to: "/f", options: { chmod: "64a" } },
      "bad_value",
      /"64a"/,
    ],
    [
      "S-101 a directory onto a file",
      { from: { "d/s/a": "1" }, onto: { "x/s": "file" }, copy: ["d"], to: "/x" },
      "copy_conflict",
      /"\/x\/s": it is not a directory/,
    ],
    [
      "S-101 a file onto a directory",
      { from: { "d/s": "1" }, onto: { "x/s/": {} }, copy: ["d"], to: "/x" },
      "copy_conflict",
      /directory "\/x\/s" with a file/,
    ],
  ];

  test.each(failures)("refuses: %s", async (_name, given, code, message) => {
    await expect(plan(given)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("S-083, S-084 a pattern without match is told, with the way to write a name that has brackets", async () => {
    const warnings: string[] = [];
    await plan({ from: { "br[x]": "1" }, copy: ["br[x]"], to: "/x/" }, (message) => warnings.push(message));
    expect(warnings).toEqual(['the pattern "br[x]" matches nothing; write "br[[]x]" for the file of that name']);
  });

  test("S-091 a symbolic --chmod leaves made parents alone", async () => {
    const entries = await plan({ from: { f: "1" }, copy: ["f"], to: "/p/f", options: { chmod: "go=" } });
    expect(shown(entries)).toEqual(["d 755 0:0 p", "f 600 0:0 p/f"]);
  });

  test("S-088 --link looks up no names", async () => {
    const linked = plan({ from: { f: "1" }, copy: ["f"], to: "/f", options: { link: true, chown: "web" } });
    await expect(linked).rejects.toMatchObject({
      code: "unknown_user",
      hint: "Write the uid and the gid, or leave out --link.",
    });
  });

  test("S-098 times of files are kept to the nanosecond, made parents are new", async () => {
    const entries = await plan({ from: { f: "1" }, copy: ["f"], to: "/p/f" });
    expect(entries.map(({ path, mtime, mtimeNs }) => [path, mtime, mtimeNs])).toEqual([
      ["p", 77, 0],
      ["p/f", 1000, 5],
    ]);
  });

  test("S-099 hard links of one source stay hard links", async () => {
    const entries = await plan({ from: { "d/a": "1", "d/b": { hardlink: "d/a", size: 1 } }, copy: ["d"], to: "/x/" });
    expect(entries.map(({ path, hardlink }) => [path, hardlink])).toEqual([
      ["x", undefined],
      ["x/a", undefined],
      ["x/b", "x/a"],
    ]);
  });
});
