import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { copyTree, type Entry, FileTree } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";

const scratch = mkdtempSync(join(tmpdir(), "tsbuild-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const owner = { uid: process.getuid!(), gid: process.getgid!() };
const entry = (path: string, more: Partial<Entry> = {}): Entry => {
  return { path, type: "file", mode: 0o640, ...owner, size: 5, mtime: 981173106, mtimeNs: 7, ...more };
};
const hello = entry("d/f", { digest: sha256("hello") });
const directory = entry("d", { type: "directory", mode: 0o711, size: 0 });

async function copy(name: string, entries: readonly Entry[], content: string, links = true): Promise<string> {
  const source = join(scratch, `${name}-source`);
  writeFileSync(source, content);
  const target = join(scratch, name);
  mkdirSync(target);
  const contentOf = () => ({ path: source, offset: 0, whole: true });
  await copyTree(FileTree.of(entries), target, { contentOf, links });
  return target;
}

test("makes the files with their modes, times and names", async () => {
  const linked = entry("d/g", { digest: sha256("hello"), hardlink: "d/f" });
  for (const [name, links, count] of [["linked", true, 2] as const, ["separate", false, 1] as const]) {
    const target = await copy(name, [directory, hello, linked], "hello", links);
    expect(readdirSync(join(target, "d"))).toEqual(["f", "g"]);
    expect(readFileSync(join(target, "d/g"), "utf8")).toBe("hello");
    const { mode, mtimeMs, nlink } = statSync(join(target, "d/f"));
    expect([mode & 0o7777, mtimeMs, nlink]).toEqual([0o640, 981173106000, count]);
    expect(statSync(join(target, "d")).mode & 0o7777).toBe(0o711);
  }
});

test.each([
  ["of other bytes", "world"],
  ["that became shorter", "hell"],
  ["that became longer", "hello!"],
])("refuses a file %s", async (name, content) => {
  await expect(copy(name, [directory, hello], content)).rejects.toMatchObject({ code: "source_changed" });
});
