import {
  appendFileSync,
  chmodSync,
  linkSync,
  lutimesSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { sha256 } from "../../../oci/index.js";
import { describeContext, openContext, parseIgnore } from "../../../planner/context/index.js";
import { device, directory, fifo, file, hardlink, symlink, tree, type TreeLiteral } from "../../helpers/tree.js";

const scratch = mkdtempSync(join(tmpdir(), "tsbuild-context-"));
chmodSync(scratch, 0o777);
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => void vi.useRealTimers());
let count = 0;

function made(literal: TreeLiteral, ...ignored: readonly string[]) {
  const root = join(scratch, String(count++));
  const op = {
    kind: "context",
    name: "context",
    directory: tree(root, literal),
    ignore: parseIgnore(ignored.join("\n"), ".dockerignore"),
  } as const;
  return { root, open: () => openContext(op, { statIndex: `${root}.stat` }) };
}

const pathsOf = (index: Awaited<ReturnType<typeof openContext>>) => [...index.tree.walk()].map(({ path }) => path);

/** Without the privileges of root, if the tests have them. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run();
  process.seteuid!(65534);
  return run().finally(() => process.seteuid!(0));
}

/** As if all files had been left alone for a while. */
function later(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
}

describe("openContext()", () => {
  test("lists every kind of file with its own metadata, owned by 0:0 (S-089)", async () => {
    const { root, open } = made({
      a: file("one", { mode: 0o4755, uid: 1000, gid: 1000 }),
      d: directory({ l: symlink("../a"), b: hardlink("a"), empty: "" }, 0o700),
      p: fifo(),
      z: device(1, 3),
    });
    lutimesSync(join(root, "a"), 1_234_567_890.25, 1_234_567_890.25);
    const { tree: context } = await open();
    const owner = { uid: 0, gid: 0 };
    expect(context.get("a")).toEqual({
      path: "a",
      type: "file",
      mode: 0o4755,
      ...owner,
      size: 3,
      mtime: 1_234_567_890,
      mtimeNs: 250_000_000,
    });
    expect(context.get("d")).toMatchObject({ type: "directory", mode: 0o700, ...owner, size: 0 });
    expect(context.get("d/l")).toMatchObject({ type: "symlink", target: "../a" });
    expect(context.get("d/b")).toMatchObject({ hardlink: "a", size: 3 });
    expect(context.get("d/empty")).toMatchObject({ size: 0, digest: sha256("") });
    expect(context.get("p")).toMatchObject({ type: "fifo" });
    expect(context.get("z")).toMatchObject({ type: "character", device: { major: 1, minor: 3 } });
    expect(context.get("")).toMatchObject({ type: "directory", mode: statSync(root).mode & 0o7777, ...owner });
  });

  test("takes a socket for an empty file (S-100)", async () => {
    const { root, open } = made({});
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "s"), resolve));
    expect((await open()).tree.get("s")).toMatchObject({ type: "file", size: 0, digest: sha256("") });
    await new Promise((resolve) => server.close(resolve));
  });

  test("keeps names and targets of any bytes", async () => {
    const { root, open } = made({ "n\udcff": { é: "x", l: symlink("t\udcfe") } });
    const index = await open();
    expect(pathsOf(index)).toEqual(["", "n\udcff", "n\udcff/l", "n\udcff/é"]);
    expect(index.tree.get("n\udcff/l")?.target).toBe("t\udcfe");
    const [entry] = await index.hash([index.tree.get("n\udcff/é")!]);
    expect(entry?.digest).toBe(sha256("x"));
    expect(Buffer.from(index.contentOf(entry!).path as Buffer)).toEqual(
      Buffer.from(`${root}/n\xff/\xc3\xa9`, "latin1"),
    );
  });

  test("leaves out what is ignored, but keeps the parents of what is not (S-182, S-188)", async () => {
    const literal = {
      dist: directory({ keep: { x: "1" }, other: "2" }, 0o711),
      lib: { "a.log": "", "b.js": "" },
      "c.log": "",
    };
    const { open } = made(literal, "dist", "**/*.log", "!dist/keep", "!c.log");
    const index = await open();
    expect(pathsOf(index)).toEqual(["", "c.log", "dist", "dist/keep", "dist/keep/x", "lib", "lib/b.js"]);
    expect(index.tree.get("dist")).toMatchObject({ mode: 0o711 });
  });

  test("has no ignored directory below which nothing is found", async () => {
    const { open } = made({ dist: { sub: { "a.js": "" } }, x: "" }, "dist", "!dist/**/*.md");
    expect(pathsOf(await open())).toEqual(["", "x"]);
  });

  test("lets hard links follow the first name in order, whatever is ignored", async () => {
    const { root, open } = made({ a: { x: "1" }, b: {} }, "a");
    linkSync(join(root, "a/x"), join(root, "b/y"));
    linkSync(join(root, "a/x"), join(root, "c"));
    const { tree: context } = await open();
    expect(context.get("b/y")?.hardlink).toBeUndefined();
    expect(context.get("c")?.hardlink).toBe("b/y");
  });

  test("refuses what is no directory", async () => {
    const { root } = made({ f: "" });
    const open = (path: string) =>
      openContext(
        { kind: "context", name: "x", directory: path, ignore: { patterns: [] } },
        { statIndex: `${root}.stat` },
      );
    for (const path of [join(root, "f"), join(root, "missing")]) {
      await expect(open(path)).rejects.toMatchObject({
        code: "context_not_found",
        message: `expected a directory "${path}" as the build context, found none`,
      });
    }
  });

  describe("for a user who may not read everything", () => {
    test("names what cannot be read", async () => {
      const { open } = made({ d: { secret: directory({}, 0) } });
      await expect(asNobody(open)).rejects.toMatchObject({
        code: "bad_context",
        message: 'cannot read "d/secret" of the build context: EACCES',
        hint: "Make it readable for you, or exclude it in .dockerignore.",
      });
    });

    test("does not mind what is ignored, even where a later ! could match below", async () => {
      const { open } = made({ secret: directory({}, 0), x: "" }, "*", "!x", "!**/*.md");
      expect(pathsOf(await asNobody(open))).toEqual(["", "x"]);
    });

    test("names a file that cannot be read only when it is needed", async () => {
      const index = await made({ f: file("1", 0), x: "2" }).open();
      await asNobody(() => index.hash([index.tree.get("x")!]));
      const failure = { code: "bad_context", message: 'cannot read "f" of the build context: EACCES' };
      await expect(asNobody(() => index.hash([index.tree.get("f")!]))).rejects.toMatchObject(failure);
    });
  });

  test("ends when it is told to", async () => {
    const { root } = made({ f: "" });
    const op = { kind: "context", name: "x", directory: root, ignore: { patterns: [] } } as const;
    const open = openContext(op, { statIndex: `${root}.stat`, signal: AbortSignal.abort() });
    await expect(open).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("ContextIndex.hash()", () => {
  const large = Buffer.alloc(2_500_000, "tsbuild");

  test("reads what it is asked for, and nothing else", async () => {
    const { open } = made({ a: "1", b: { large: file(large) }, c: "3" });
    const index = await open();
    const entries = await index.hash([...index.tree.walk("b"), index.tree.get("a")!]);
    expect(entries.map(({ path, digest }) => [path, digest])).toEqual([
      ["b", undefined],
      ["b/large", sha256(large)],
      ["a", sha256("1")],
    ]);
    expect(index.tree.get("a")?.digest).toBe(sha256("1"));
    expect(index.tree.get("c")?.digest).toBeUndefined();
  });

  test("may be called again before it is done", async () => {
    const { open } = made({ a: "1", large: file(large) });
    const index = await open();
    const all = [...index.tree.walk()];
    const results = await Promise.all([index.hash(all), index.hash(all), index.hash(all.slice(1))]);
    for (const entries of results) expect(entries.at(-1)).toMatchObject({ path: "large", digest: sha256(large) });
    expect(index.tree.get("large")?.digest).toBe(sha256(large));
  });

  test("gives what a file is when it is read, not when it was listed", async () => {
    const { root, open } = made({ a: "1" });
    const index = await open();
    appendFileSync(join(root, "a"), "23");
    chmodSync(join(root, "a"), 0o755);
    expect(await index.hash([index.tree.get("a")!])).toMatchObject([{ size: 3, mode: 0o755, digest: sha256("123") }]);
  });

  test("leaves out what has vanished", async () => {
    const { root, open } = made({ a: "1", b: "2", large: file(large) });
    const index = await open();
    const all = [...index.tree.walk()];
    rmSync(join(root, "b"));
    expect((await index.hash(all)).map(({ path }) => path)).toEqual(["", "a", "large"]);
    expect(pathsOf(index)).toEqual(["", "a", "large"]);
    expect(await index.hash(all.filter(({ path }) => path === "b"))).toEqual([]);
  });

  test("does not follow a file that became a symlink", async () => {
    const { root, open } = made({ a: "1" });
    const index = await open();
    rmSync(join(root, "a"));
    tree(root, { a: symlink("/etc/passwd") });
    const failure = { code: "bad_context", message: 'cannot read "a" of the build context: ELOOP' };
    await expect(index.hash([index.tree.get("a")!])).rejects.toMatchObject(failure);
  });

  test("does not wait for a file that became a fifo", async () => {
    const { root, open } = made({ a: "1" });
    const index = await open();
    rmSync(join(root, "a"));
    tree(root, { a: fifo() });
    const message = 'expected a file "a" in the build context, found that it was replaced';
    await expect(index.hash([index.tree.get("a")!])).rejects.toMatchObject({ code: "bad_context", message });
  });

  test.each([
    ["small files", { a: "1", b: "2", c: "3" }],
    ["a large file", { a: file(large) }],
  ])("lets others have their turn, and ends when it is told to: %s", async (_, literal) => {
    const clock = vi.spyOn(Date, "now");
    for (let turn = 0; turn < 100; turn++) clock.mockReturnValueOnce(turn * 1000);
    const controller = new AbortController();
    const { root } = made(literal);
    const op = { kind: "context", name: "x", directory: root, ignore: { patterns: [] } } as const;
    const index = await openContext(op, { statIndex: `${root}.stat`, signal: controller.signal });
    const hashing = index.hash([...index.tree.walk()]);
    setImmediate(() => controller.abort());
    await expect(hashing).rejects.toMatchObject({ code: "interrupted" });
    clock.mockRestore();
  });
});

describe("the stat index of a context", () => {
  test("saves reading files again", async () => {
    const { open } = made({ a: "1", d: { b: "22" } });
    later();
    const first = await open();
    await first.hash([...first.tree.walk()]);
    const second = await open();
    expect(second.tree.get("a")?.digest).toBe(sha256("1"));
    expect(second.tree.get("d/b")?.digest).toBe(sha256("22"));
  });

  test("does not hide an edit that keeps size and mtime", async () => {
    const { root, open } = made({ a: "1" });
    later();
    const first = await open();
    await first.hash([...first.tree.walk()]);
    writeFileSync(join(root, "a"), "2");
    lutimesSync(join(root, "a"), 1_000_000_000, 1_000_000_000);
    expect((await open()).tree.get("a")?.digest).toBeUndefined();
  });

  test("does not know a file that was read within 2 s of its last change", async () => {
    const { open } = made({ a: "1" });
    const first = await open();
    await first.hash([...first.tree.walk()]);
    expect((await open()).tree.get("a")?.digest).toBeUndefined();
  });

  test("is written anew when it is damaged", async () => {
    const { root, open } = made({ a: "1" });
    writeFileSync(`${root}.stat`, "tsbuild-stat-v1\nnonsense, but long enough to hold a checksum");
    later();
    const first = await open();
    await first.hash([...first.tree.walk()]);
    expect((await open()).tree.get("a")?.digest).toBe(sha256("1"));
  });

  test("is whole after several builds at once", async () => {
    const { root, open } = made({ a: "1", b: "2" });
    later();
    const builds = await Promise.all([open(), open(), open()]);
    await Promise.all(builds.map((index) => index.hash([...index.tree.walk()])));
    expect(readFileSync(`${root}.stat`, "latin1")).toMatch(/^tsbuild-stat-v1\n/);
    expect((await open()).tree.get("b")?.digest).toBe(sha256("2"));
  });
});

describe("explanations", () => {
  const literal = {
    dist: { "app.js": "" },
    "a[b]*": "",
    link: symlink("dist"),
    "package.json": "",
    src: { "index.ts": "" },
  };
  const ignored = ["node_modules", "dist", "a*"];

  test("excluded() names the line", async () => {
    const index = await made(literal, ...ignored).open();
    expect(index.excluded("dist/app.js")).toEqual({ excluded: true, line: 2, pattern: "dist" });
    expect(index.excluded("src")).toEqual({ excluded: false });
  });

  test.each([
    ["/dist/app.js", 'Add "!dist/app.js" after line 2 of .dockerignore, where "dist" excludes it.'],
    ["link/app.js", 'Add "!dist/app.js" after line 2 of .dockerignore, where "dist" excludes it.'],
    ["a[b]*", 'Add "!a\\[b\\]\\*" after line 3 of .dockerignore, where "a*" excludes it.'],
    ["../packge.json", 'Did you mean "package.json"?'],
    ["src/idnex.ts", 'Did you mean "src/index.ts"?'],
    ["scr/index.ts", 'Did you mean "src/index.ts"?'],
    ["index.ts", 'Did you mean "src/index.ts"?'],
    ["dist/missing", undefined],
    ["nothing/like/it", undefined],
  ])("explainMissing(%j)", async (path, advice) => {
    const index = await made(literal, ...ignored).open();
    expect(index.explainMissing(path)).toBe(advice);
  });
});

describe("describeContext()", () => {
  test("sums files by folder", async () => {
    const { open } = made({ a: "123", b: { c: "4", d: { e: "56", l: symlink("x"), h: hardlink("a") } } });
    const { tree: context } = await open();
    expect(describeContext(context)).toEqual({
      files: 5,
      bytes: 6,
      folders: [
        { path: "", bytes: 6, list: [{ name: "a", bytes: 3 }] },
        { path: "b", bytes: 3, list: [{ name: "c", bytes: 1 }] },
        {
          path: "b/d",
          bytes: 2,
          list: [
            { name: "e", bytes: 2 },
            { name: "h", bytes: 0 },
            { name: "l", bytes: 0 },
          ],
        },
      ],
    });
  });
});
