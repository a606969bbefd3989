// Writes of the store that fail, each kind of them: a disk that is full at any size, and one that becomes read-only (row 357).

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const DOCKERFILE = [
  "FROM busybox",
  "COPY src /src",
  "RUN --mount=type=cache,target=/c head -c 50000 /dev/urandom | tee /c/x >/one",
  "RUN head -c 50000 /dev/urandom >/two",
  "WORKDIR /three",
].join("\n");

let busybox: string[];
let workspace: Workspace;
beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
beforeEach(() => {
  workspace = new Workspace();
  mkdirSync(workspace.home);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", workspace.home]);
});
afterEach(() => {
  execFileSync("umount", ["--quiet", "--lazy", workspace.home]);
  workspace.remove();
});

const remount = (options: string) => execFileSync("mount", ["-o", `remount,${options}`, workspace.home]);
const context = (extra = "") =>
  workspace.files("context", { Dockerfile: `${DOCKERFILE}${extra}\n`, "src/a": "a".repeat(20_000), "src/b": "b" });
const build = (extra = "", ...flags: string[]) =>
  workspace.run(["build", "--progress=plain", "-t", "app:1", ...flags, ...busybox, context(extra)]);

/** Kilobytes: from no room for anything to room for all, so that each kind of write is the one that fails. */
const SIZES = [4, 32, 200, 1200, 1600, 2400, 3200, 4000];

test("a disk that is full at any size: it is said, what could go is said, and the store stays whole", async () => {
  const codes: (number | undefined)[] = [];
  for (const size of SIZES) {
    remount(`size=${size}k`);
    const { code, stderr } = await build();
    codes.push(code);
    expect([size, stderr]).toEqual([size, expect.not.stringMatching(/internal error|\n +at /)]);
    if (code !== 0) expect([size, stderr]).toEqual([size, expect.stringMatching(/no space (is )?left|is full/i)]);
  }
  expect(codes.filter((code) => code === 102).length).toBeGreaterThan(3);
  remount("size=40m");
  expect(await build()).toMatchObject({ code: 0 });
  expect((await workspace.expectSuccess(["cache", "verify"])).stdout).toContain("all is well");
  expect((await workspace.expectSuccess(["run", "app:1", "cat", "/src/b"])).stdout).toBe("b");
});

test("the message says how much of the cache could go, and prune makes the room", async () => {
  remount("size=16m");
  expect(await build("\nRUN head -c 3000000 /dev/urandom >/old")).toMatchObject({ code: 0 });
  const large = "\nRUN head -c 4500000 /dev/urandom >/new";
  const { code, stderr } = await build(large);
  expect([code, stderr]).toEqual([
    expect.any(Number),
    expect.stringMatching(/prune --all", which frees \d+(\.\d)?MB of cache/),
  ]);
  await workspace.expectSuccess(["rmi", "app:1"]);
  await workspace.expectSuccess(["prune", "-f", "--all"]);
  expect(await build(large)).toMatchObject({ code: 0 });
});

test("a store that becomes read-only: what is cached builds, what is not is refused, and all that only looks works", async () => {
  remount("size=40m");
  expect(await build()).toMatchObject({ code: 0 });
  remount("ro");
  expect(await build()).toMatchObject({ code: 0 });
  const { code, stderr } = await build("\nRUN echo more");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/the filesystem is read-only/)]);
  for (const words of [["du"], ["builds"], ["explain"], ["logs"], ["prune", "--dry-run"], ["cache", "verify"]])
    expect([words, (await workspace.run(words)).code]).toEqual([words, 0]);
  expect((await workspace.run(["plan", ...busybox, context("\nRUN echo more")])).stdout).toContain("would run 1 of 5");
  const pruned = await workspace.run(["prune", "-f"]);
  expect([pruned.code, pruned.stderr]).toEqual([1, expect.stringMatching(/read-only/)]);
});
