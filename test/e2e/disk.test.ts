// A store on a disk that is full, or that cannot be written.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type CliResult, Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { damagedBlobs } from "../helpers/leftovers.js";

let busybox: string[];
let workspace: Workspace;
beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
beforeEach(() => {
  workspace = new Workspace();
  mkdirSync(workspace.home);
});
afterEach(() => {
  execFileSync("umount", ["--quiet", "--lazy", workspace.home]);
  workspace.remove();
});

function mountStore(options: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", workspace.home]);
}

function build(dockerfile: string): Promise<CliResult> {
  const context = workspace.files("context", { Dockerfile: dockerfile });
  return workspace.run(["build", "--progress=plain", ...busybox, context]);
}

test("a disk that fills in a RUN: the command says it and fails, and the store stays usable", async () => {
  mountStore("size=24m");
  const { code, stderr } = await build("FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=64\n");
  expect(code).toBe(102);
  expect(stderr).toMatch(/no space left/i);
  expect(damagedBlobs(workspace.home)).toEqual([]);
  expect((await workspace.run(["builds"])).stdout).toContain("failed");
  expect(await build("FROM busybox\nRUN echo small >/small\n")).toMatchObject({ code: 0 });
});

test("a disk that fills while a layer is packed: exit code 102, and the store stays usable", async () => {
  mountStore("size=24m");
  const { code, stderr } = await build(
    "FROM busybox\nRUN head -c 12m /dev/urandom >/big\nRUN head -c 6m /dev/urandom >/more\n",
  );
  expect(code).toBe(102);
  expect(stderr).toMatch(/no space left|is full/i);
  expect(stderr).not.toMatch(/internal error|\n +at /);
  expect(damagedBlobs(workspace.home)).toEqual([]);
  expect(await build("FROM busybox\nRUN echo small >/small\n")).toMatchObject({ code: 0 });
});

test("a store that is mounted read-only is named, exit code 1", async () => {
  mountStore("ro");
  const { code, stderr } = await build("FROM busybox\nRUN true\n");
  expect(code).toBe(1);
  expect(stderr).toContain(workspace.home);
  expect(stderr).toMatch(/read-only|cannot be written/i);
  expect(stderr).not.toMatch(/internal error|\n +at /);
});

test("stdout that is full is told, exit code 102; a reader that has gone is not", async () => {
  mountStore("size=1m");
  const within = (script: string) => ["sh", "-c", script, "sh"] as const;
  for (const command of ["--help", "version"]) {
    const { code, stderr } = await workspace.run([command], { within: within('exec "$@" >/dev/full') });
    expect({ code, stderr }).toEqual({
      code: 102,
      stderr:
        "ERROR: cannot write to stdout: ENOSPC: no space left on device, write\nhint: Free space there, or write elsewhere.\n",
    });
  }
  expect(await workspace.run(["--help"], { within: within('"$@" | true') })).toMatchObject({ code: 0, stderr: "" });
});
