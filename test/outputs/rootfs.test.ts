import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type Predicate, PredicateType } from "../../attestations/index.js";
import { hexOf, parsePlatform, sha256 } from "../../oci/index.js";
import { withAttestations } from "../../outputs/rootfs/attestation-files.js";
import { writeRootDirectory } from "../../outputs/rootfs/local.js";
import { refuseToEmpty } from "../../outputs/rootfs/remove-others.js";
import { type RootFiles, rootFiles, splitByPlatform } from "../../outputs/rootfs/root-files.js";
import { writeRootTar } from "../../outputs/rootfs/tar.js";
import { directory, entries, file, hardlink, symlink, fifo, type TreeLiteral, tree } from "../helpers/tree.js";
import { Stack } from "./stack.js";

async function filesOf(stack: Stack, literal: TreeLiteral, contents: Record<string, string>): Promise<RootFiles> {
  const layer = await stack.layer(entries(literal), contents);
  return rootFiles([layer], stack.contents([layer]));
}

const IMAGE: TreeLiteral = {
  dir: directory({ one: file("1", 0o4755), two: hardlink("dir/one") }, 0o500),
  link: symlink("dir/one"),
  pipe: fifo(0o600),
  empty: file("", { mode: 0o644, uid: 1000, gid: 1000, mtime: 5 }),
};

describe("-o type=local (row 219)", () => {
  test("files have the image's modes, times and links, and are ours", async () => {
    const stack = new Stack();
    const dest = join(stack.path, "new/out");
    await writeRootDirectory(await filesOf(stack, IMAGE, { "dir/one": "1" }), dest);
    const stat = (path: string) => lstatSync(join(dest, path));
    expect(readdirSync(dest).sort()).toEqual(["dir", "empty", "link", "pipe"]);
    expect(stat("dir").mode & 0o7777).toBe(0o500);
    expect(stat("dir/one").mode & 0o7777).toBe(0o4755);
    expect(stat("dir/one").ino).toBe(stat("dir/two").ino);
    expect(readlinkSync(join(dest, "link"))).toBe("dir/one");
    expect(stat("pipe").isFIFO()).toBe(true);
    expect(stat("empty").mtimeMs).toBe(5000);
    expect(stat("empty").uid).toBe(process.getuid!());
  });

  test.each([["x".repeat(255)], ["ü".repeat(127)], ["😀".repeat(63)]])(
    "a name as long as names may be: %s",
    async (name) => {
      const stack = new Stack();
      const files = await filesOf(stack, { [name]: file("1"), "😁": hardlink(name) }, { [name]: "1" });
      const dest = join(stack.path, "out");
      await writeRootDirectory(files, dest);
      expect(readdirSync(dest).sort()).toEqual(["😁", name].sort());
      expect(readFileSync(join(dest, name), "utf8")).toBe("1");
    },
  );

  test("again into the same directory: old files give way, others stay", async () => {
    const stack = new Stack();
    const dest = tree(join(stack.path, "out"), { dir: "was a file", link: { was: "a directory" }, own: "mine" });
    const files = await filesOf(stack, IMAGE, { "dir/one": "1" });
    await writeRootDirectory(files, dest);
    await writeRootDirectory(files, dest);
    expect(readFileSync(join(dest, "dir/two"), "utf8")).toBe("1");
    expect(readFileSync(join(dest, "own"), "utf8")).toBe("mine");
    expect(readdirSync(join(dest, "dir"))).toEqual(["one", "two"]);
  });

  test("mode=delete removes what the image does not have", async () => {
    const stack = new Stack();
    const dest = tree(join(stack.path, "out"), { dir: { stale: "s", deep: { er: "x" } }, own: "mine" });
    symlinkSync(stack.path, join(dest, "elsewhere"));
    await writeRootDirectory(await filesOf(stack, IMAGE, { "dir/one": "1" }), dest, { mode: "delete" });
    expect(readdirSync(dest).sort()).toEqual(["dir", "empty", "link", "pipe"]);
    expect(readdirSync(join(dest, "dir")).sort()).toEqual(["one", "two"]);
    expect(existsSync(stack.path)).toBe(true);
  });

  test("mode=delete refuses directories that hold where one works or lives", () => {
    for (const place of ["/", ".", process.env["HOME"]!])
      expect(() => refuseToEmpty(place)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => refuseToEmpty("some/output")).not.toThrow();
  });

  test("nothing is written through a symlink of the directory, nor into a file with other names", async () => {
    const stack = new Stack();
    const victim = tree(join(stack.path, "victim"), { one: "safe", empty: "safe" });
    const dest = join(stack.path, "out");
    mkdirSync(dest);
    symlinkSync(victim, join(dest, "dir"));
    linkSync(join(victim, "empty"), join(dest, "empty"));
    symlinkSync(join(victim, "new"), join(dest, "pipe"));
    await writeRootDirectory(await filesOf(stack, IMAGE, { "dir/one": "1" }), dest);
    expect(readdirSync(victim).sort()).toEqual(["empty", "one"]);
    expect(readFileSync(join(victim, "one"), "utf8")).toBe("safe");
    expect(readFileSync(join(victim, "empty"), "utf8")).toBe("safe");
    expect(lstatSync(join(dest, "dir")).isDirectory()).toBe(true);
  });

  test("a damaged layer is told by the file, and leaves no half of it", async () => {
    const stack = new Stack();
    const layer = await stack.layer(entries({ a: "good" }), { a: "good" });
    const blob = stack.store.blobs.path(layer.diffID);
    writeFileSync(blob, readFileSync(blob).fill(0x21, 512, 516));
    const dest = join(stack.path, "out");
    await expect(writeRootDirectory(await rootFiles([layer], stack.contents([layer])), dest)).rejects.toMatchObject({
      code: "digest_mismatch",
      message: expect.stringContaining('"/a": expected sha256:'),
    });
    expect(readdirSync(dest)).toEqual([]);
  });

  test("a place that is no directory is told", async () => {
    const stack = new Stack();
    const dest = join(stack.path, "file");
    writeFileSync(dest, "");
    const files = await filesOf(stack, IMAGE, { "dir/one": "1" });
    await expect(writeRootDirectory(files, dest)).rejects.toMatchObject({ code: "output_failed" });
  });
});

describe("-o type=tar (row 220)", () => {
  const list = (tar: string) => execFileSync("tar", ["-tvf", tar, "--numeric-owner"], { encoding: "utf8" });

  test("has the image's owners, and no root", async () => {
    const stack = new Stack();
    const dest = join(stack.path, "sub/root.tar");
    await writeRootTar(await filesOf(stack, IMAGE, { "dir/one": "1" }), dest, { store: stack.store });
    expect(list(dest)).toMatch(
      /^dr-x------ 0\/0 .* dir\/\n-rwsr-xr-x .* dir\/one\nhrwsr-xr-x .* dir\/two link to dir\/one\n/,
    );
    expect(list(dest)).toMatch(/1000\/1000 .* empty/);
  });

  test("goes to a stream as it goes to a file; with an epoch all is of that time", async () => {
    const stack = new Stack();
    const layer = await stack.layer(entries(IMAGE), { "dir/one": "1" });
    const files = await rootFiles([layer], stack.contents([layer]), { epoch: 86_400 });
    const dest = join(stack.path, "root.tar");
    const chunks: Buffer[] = [];
    const stream = new Writable({ write: (chunk: Buffer, _, done) => (chunks.push(chunk), done()) });
    await writeRootTar(files, dest, { store: stack.store });
    await writeRootTar(files, stream, { store: stack.store });
    expect(Buffer.concat(chunks).equals(readFileSync(dest))).toBe(true);
    expect(list(dest).match(/1970-01-02/g)).toHaveLength(6);
  });

  test("files of several platforms are below a directory of each (testExportMultiPlatform)", async () => {
    const stack = new Stack();
    const [amd, arm] = [
      await filesOf(stack, { a: "1", b: hardlink("a") }, { a: "1" }),
      await filesOf(stack, { a: "2" }, { a: "2" }),
    ];
    const both = splitByPlatform([
      { platform: parsePlatform("linux/amd64"), files: amd },
      { platform: parsePlatform("linux/arm/v7"), files: arm },
    ]);
    const dest = join(stack.path, "out");
    await writeRootDirectory(both, dest);
    expect(readFileSync(join(dest, "linux_amd64/b"), "utf8")).toBe("1");
    expect(readFileSync(join(dest, "linux_arm_v7/a"), "utf8")).toBe("2");
  });
});

describe("attestations beside the files (as BuildKit's local exporter has them)", () => {
  const said: Predicate[] = [
    { type: PredicateType.provenance, content: { a: 1 } },
    { type: PredicateType.sbom, content: { b: 2 } },
    { type: PredicateType.sbom, content: { c: 3 }, file: "sbom-build.spdx.json" },
  ];

  test("are statements about each file", async () => {
    const stack = new Stack();
    const dest = join(stack.path, "out");
    const files = await filesOf(stack, IMAGE, { "dir/one": "1" });
    await writeRootDirectory(withAttestations(files, said, { store: stack.store, epoch: 7 }), dest);
    const names = ["provenance.json", "sbom-build.spdx.json", "sbom.spdx.json"];
    expect(
      readdirSync(dest)
        .filter((name) => name.endsWith(".json"))
        .toSorted(),
    ).toEqual(names);
    const text = readFileSync(join(dest, "provenance.json"), "utf8");
    expect(text).toMatch(/^\{\n  "_type"/);
    const { subject, predicate } = JSON.parse(text) as { subject: unknown; predicate: unknown };
    const digest = (content: string) => ({ sha256: hexOf(sha256(content)) });
    expect(subject).toEqual([
      { name: "dir/one", digest: digest("1") },
      { name: "dir/two", digest: digest("1") },
      { name: "empty", digest: digest("") },
    ]);
    expect(predicate).toEqual({ a: 1 });
    expect(lstatSync(join(dest, "provenance.json"))).toMatchObject({ mode: 0o100600, mtimeMs: 7000 });
  });

  test("take no file's place, and have another name where that is asked for", async () => {
    const stack = new Stack();
    const files = await filesOf(stack, { "provenance.json": "{}" }, { "provenance.json": "{}" });
    expect(() => withAttestations(files, said, { store: stack.store })).toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("attestation-prefix=") }),
    );
    const dest = join(stack.path, "a.tar");
    await writeRootTar(withAttestations(files, said, { store: stack.store, prefix: "x-" }), dest, {
      store: stack.store,
    });
    const listed = execFileSync("tar", ["tf", dest], { encoding: "utf8" }).trim().split("\n");
    expect(listed).toEqual(["provenance.json", "x-provenance.json", "x-sbom.spdx.json", "x-sbom-build.spdx.json"]);
  });
});
