// Whole trees on disk, and what commands did to them: the same layers as on an overlay.

import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkOut, type Entry, FileTree, packDirectory, unpackLayer } from "../../filesystem/index.js";
import { directory, entries, file, hardlink, symlink, tree, type TreeLiteral } from "../helpers/tree.js";
import { readFileInPieces, temporaryDirectory } from "./layers.js";

const base: TreeLiteral = {
  bin: { sh: file("#!shell", 0o4755), tool: "tool", link: hardlink("bin/tool") },
  data: directory({ a: "a", b: { c: "c", d: "d" } }, { mode: 0o750, uid: 3 }),
  etc: { passwd: "root" },
  link: symlink("bin"),
};

/** What `script` changes, on an overlay and on a whole root. */
async function both(script: string) {
  const scratch = temporaryDirectory();
  const at = (name: string) => join(scratch, name);
  const lower = await packDirectory(tree(at("source"), base), FileTree.empty, { output: at("lower.tar") });
  const below = FileTree.of(lower.changes as Entry[]);
  for (const name of ["upper", "work", "merged"]) mkdirSync(at(name));
  await unpackLayer(readFileInPieces(at("lower.tar")), at("lower"));
  const mount =
    "mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work,redirect_dir=off,metacopy=off,index=off merged";
  run("unshare", ["-m", "sh", "-ec", `${mount}; cd merged; ${script}`], scratch);
  const contentOf = ({ offset }: Entry) => ({ path: at("lower.tar"), offset: offset! });
  const checkout = await checkOut(below, at("whole"), { contentOf });
  run("sh", ["-ec", script], at("whole"));
  return {
    overlay: await packDirectory(at("upper"), below, { output: at("overlay.tar") }),
    whole: await packDirectory(at("whole"), below, { output: at("whole.tar"), checkout }),
  };
}

const run = (program: string, args: readonly string[], cwd: string) =>
  execFileSync(program, args, { cwd, stdio: "pipe" });

/** Times of what commands made are not equal, ever. */
const timeless = (changes: readonly object[]) =>
  changes.map((change) => ({ ...change, mtime: 0, mtimeNs: 0, offset: 0 }));

describe("packDirectory() of a whole root", () => {
  const operations = [
    "true",
    "rm bin/tool",
    "rm -r data",
    "rm -r data; mkdir data; echo n >data/n",
    "rm -rf data/b; echo f >data/b",
    "rm -f etc/passwd; mkdir -p etc/passwd/x",
    "chmod 700 bin/sh",
    "chmod 4755 bin/sh",
    "chown 7:8 data/b 2>/dev/null || true",
    "echo more >>etc/passwd",
    "touch -d @5 bin/sh",
    "mv data moved 2>/dev/null || true",
    "ln -sfn etc link",
    "ln bin/sh bin/hard",
    "mkdir -p new/er; echo x >new/er/x; ln new/er/x new/y",
    "chmod 711 .",
    "cp -a bin/sh keep; echo zzzzzzz >bin/sh; cp -a keep bin/sh; rm keep",
    "cp -p bin/sh keep; printf '#!SHELL' >bin/sh; touch -r keep bin/sh; rm keep",
    "echo changed >>bin/link",
    "mkfifo bin/fifo; mknod null c 1 3",
  ];

  test.each(operations)("is that of an overlay after: %s", async (script) => {
    const { overlay, whole } = await both(script);
    expect(timeless(whole.changes)).toEqual(timeless(overlay.changes));
    expect(whole.content).toBe(overlay.content);
  });

  test("is that of an overlay after any of them together", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...operations), { minLength: 2, maxLength: 6 }), async (scripts) => {
        const { overlay, whole } = await both(scripts.map((script) => `( ${script} ) || true`).join("\n"));
        expect(timeless(whole.changes)).toEqual(timeless(overlay.changes));
      }),
      { numRuns: 25 },
    );
  });
});

describe("checkOut()", () => {
  test("makes what the tree says, and places to mount on that are no change", async () => {
    const scratch = temporaryDirectory();
    const [place] = entries({ proc: {} });
    const below = FileTree.of(entries({ tmp: directory({}, { mode: 0o1777, mtime: 5 }), f: file("abc", 0o4711) }));
    const contentOf = () => ({ path: join(scratch, "content"), offset: 2 });
    tree(join(scratch, "made"), {});
    execFileSync("sh", ["-c", `printf xxabcxx >${scratch}/content`]);
    const checkout = await checkOut(below, join(scratch, "made"), { contentOf, extra: [place!] });
    expect(readFileSync(join(scratch, "made/f"), "utf8")).toBe("abc");
    expect(lstatSync(join(scratch, "made/f")).mode & 0o7777).toBe(0o4711);
    expect(lstatSync(join(scratch, "made/tmp"))).toMatchObject({ mtimeMs: 5000 });
    expect(lstatSync(join(scratch, "made/proc")).isDirectory()).toBe(true);
    const packed = async (name: string) =>
      (await packDirectory(join(scratch, "made"), below, { output: join(scratch, name), checkout })).changes;
    expect(await packed("one.tar")).toEqual([]);
    chmodSync(join(scratch, "made/proc"), 0o700);
    expect(await packed("two.tar")).toMatchObject([{ path: "proc", mode: 0o700 }]);
  });

  test("reads what its mode keeps us out of", async () => {
    const scratch = temporaryDirectory();
    chmodSync(scratch, 0o777);
    tree(join(scratch, "source"), { closed: file("123", { uid: 1000, gid: 1000, mode: 0 }) });
    const contentOf = () => ({ path: join(scratch, "source/closed"), offset: 0 });
    process.seteuid!(1000);
    const options = { contentOf, ownership: "record" } as const;
    await checkOut(FileTree.of(entries({ f: "123" })), join(scratch, "made"), options).finally(() =>
      process.seteuid!(0),
    );
    expect(readFileSync(join(scratch, "made/f"), "utf8")).toBe("123");
    expect(lstatSync(join(scratch, "source/closed")).mode & 0o777).toBe(0);
  });

  test("says what has no bytes", async () => {
    const scratch = temporaryDirectory();
    tree(join(scratch, "source"), { short: "12" });
    const contentOf = () => ({ path: join(scratch, "source/short"), offset: 0 });
    const making = checkOut(FileTree.of(entries({ f: "123" })), join(scratch, "made"), { contentOf });
    await expect(making).rejects.toThrow("ends before the 3 bytes");
  });
});
