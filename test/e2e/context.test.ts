// `tsbuild context`: what is sent, and which line decides (features row 120, delight 23).

import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";

const workspace = new Workspace();
let cwd: string;

beforeAll(() => {
  cwd = workspace.files("project", {
    ".dockerignore": "# what is made\ndist\n**/*.log\n!src/keep.log\nnothing\n",
    "Other.dockerignore": "src\n",
    Dockerfile: "FROM scratch\nCOPY . /\n",
    Other: "FROM scratch\nCOPY . /\n",
    "dist/app.js": "x".repeat(2_000),
    "dist/deep/map": "y".repeat(500),
    "src/main.ts": "z".repeat(1_500),
    "src/a.log": "1234567890",
    "src/keep.log": "12345",
    ".git/objects/pack": "p".repeat(3_000),
  });
});
afterAll(() => workspace.remove());

const run = async (...args: readonly string[]) => (await workspace.expectSuccess(["context", ...args], { cwd })).stdout;

test("folders with their sizes, and each line of the ignore file with what it leaves out", async () => {
  expect(await run()).toMatchInlineSnapshot(`
    "context .: 4.60kB in 7 files

        4.60kB       7 files  .
        3.00kB        1 file  .git/
        3.00kB        1 file  .git/objects/
        1.50kB       2 files  src/

    left out by .dockerignore
         2  dist: 2.50kB in 2 files
         3  **/*.log: 10B in 1 file
         4  !src/keep.log: 5B in 1 file kept
         5  nothing: decides nothing
    hint: .git is 3.00kB of the context; add ".git" to .dockerignore.
    "
  `);
});

test("as JSON", async () => {
  const report = JSON.parse(await run("--format=json", ".")) as { folders: { path: string; bytes: number }[] };
  expect(report).toMatchObject({ directory: cwd, ignoreFile: ".dockerignore", files: 7 });
  expect(report.folders.find(({ path }) => path === "src")!.bytes).toBe(1_505);
});

test.each([
  [["src/main.ts"], "src/main.ts is sent: no line of .dockerignore excludes it\n"],
  [["./src/../src/keep.log"], 'src/keep.log is sent: .dockerignore:4 "!src/keep.log" decides\n'],
  [
    ["src/a.log"],
    'src/a.log is not sent: .dockerignore:3 "**/*.log" decides\nhint: Add "!src/a.log" after line 3 of .dockerignore, where "**/*.log" excludes it.\n',
  ],
  [
    ["dist"],
    'dist is not sent: .dockerignore:2 "dist" decides\nhint: Add "!dist" after line 2 of .dockerignore, where "dist" excludes it.\n',
  ],
  [["dist/new.js"], 'dist/new.js does not exist, and would not be sent: .dockerignore:2 "dist" decides\n'],
  [
    ["src/mian.ts"],
    'src/mian.ts does not exist: no line of .dockerignore excludes it\nhint: Did you mean "src/main.ts"?\n',
  ],
  [
    ["src/main.ts", "-f", "Other"],
    'src/main.ts is not sent: Other.dockerignore:1 "src" decides\nhint: Add "!src/main.ts" after line 1 of Other.dockerignore, where "src" excludes it.\n',
  ],
])("--why %j", async ([path, ...flags], expected) => {
  expect(await run("--why", path!, ...flags)).toBe(expected);
});

test("--why: a folder that is excluded is sent as the way to what an exception keeps, and the exception is named", async () => {
  const other = workspace.files("exceptions", {
    ".dockerignore": "data\n!data/keep\n!data/none\nbr*\nreal\nempty\n!empty/x\n",
    "data/keep/deep/a": "",
    "data/z": "",
    "br[x]": "",
    "real/f": "",
    "empty/y": "",
  });
  symlinkSync("real", join(other, "link"));
  const why = async (path: string) =>
    (await workspace.expectSuccess(["context", "--why", path], { cwd: other })).stdout.split("\n").slice(0, -1);
  expect(await why("data")).toEqual(['data is sent: .dockerignore:2 "!data/keep" decides']);
  expect(await why("data/keep/deep")).toEqual(['data/keep/deep is sent: .dockerignore:2 "!data/keep" decides']);
  expect((await why("empty"))[0]).toBe('empty is not sent: .dockerignore:6 "empty" decides');
  expect((await why("br[x]"))[1]).toBe(
    'hint: Add "!br\\[x\\]" after line 4 of .dockerignore, where "br*" excludes it.',
  );
  expect((await why("link/f"))[0]).toBe('real/f is not sent: .dockerignore:5 "real" decides');
});

test("an absolute path inside of the context", async () => {
  expect(await run("--why", join(cwd, "dist/app.js"))).toMatch(/^dist\/app\.js is not sent/);
});

test("a context without a Dockerfile and without an ignore file", async () => {
  const empty = join(workspace.path, "empty");
  mkdirSync(empty);
  const { stdout } = await workspace.expectSuccess(["context", empty]);
  expect(stdout).toBe(
    `context ${empty}: 0B in 0 files\n\n        0B       0 files  .\n\nnothing is left out: there is no .dockerignore\n`,
  );
  rmSync(empty, { recursive: true });
});

test("a folder that is not there", async () => {
  const { code, stderr } = await workspace.run(["context", "nowhere"]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('build context "nowhere" does not exist'),
  });
});
