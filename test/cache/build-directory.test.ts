// cache/build-directory.ts

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  BuildDirectory,
  buildIds,
  endOf,
  isRunning,
  readBuildLog,
  readBuildRecord,
  removeBuild,
} from "../../cache/index.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-builds-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("BuildDirectory keeps the whole log of each step, for its owner only", () => {
  const parent = join(directory, "logs");
  const build = new BuildDirectory(parent);
  expect(build.path("1")).toBeUndefined();
  expect(existsSync(parent)).toBe(false);
  build.write("1", Buffer.from("one\n"));
  build.write("a/b", Buffer.from("other\n"));
  build.write("1", Buffer.from("two\n"));
  const path = build.path("1")!;
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readBuildLog(parent, build.id, "a/b")?.toString()).toBe("other\n");
  expect(readBuildLog(parent, build.id, "2")).toBeUndefined();
  build.close();
});

test("BuildDirectory keeps nothing of what is discarded", () => {
  const parent = join(directory, "discarded");
  const build = new BuildDirectory(parent);
  build.discard();
  build.write("1", Buffer.from("one\n"));
  build.saveRecord({ version: 1 });
  expect(build.path("1")).toBeUndefined();
  build.close();
  expect(existsSync(parent)).toBe(false);
});

test("BuildDirectory says whether its build runs, and stays while it does", () => {
  const parent = join(directory, "running");
  const build = new BuildDirectory(parent);
  build.saveRecord({ version: 1 });
  expect(readBuildRecord(parent, build.id)).toEqual({ version: 1 });
  expect([isRunning(parent, build.id), removeBuild(parent, build.id)]).toEqual([true, false]);
  build.close();
  expect([isRunning(parent, build.id), removeBuild(parent, build.id)]).toEqual([false, true]);
  expect(buildIds(parent)).toEqual([]);
});

test("how a build ended is known though its record had no room any more", () => {
  const parent = join(directory, "full");
  mkdirSync(parent);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", parent]);
  try {
    const build = new BuildDirectory(parent);
    build.write("1", Buffer.alloc(1));
    expect(build.saveRecord({ version: 1 })).toBe(true);
    build.write("1", Buffer.alloc(100_000));
    expect(build.saveRecord({ steps: "x".repeat(20_000) })).toBe(false);
    build.markEnd("failed");
    build.close();
    expect(endOf(parent, build.id)).toBe("failed");
    expect([readBuildRecord(parent, build.id), isRunning(parent, build.id)]).toEqual([{ version: 1 }, false]);
  } finally {
    execFileSync("umount", ["--lazy", parent]);
  }
});

test("a record that is damaged is not known", () => {
  const parent = join(directory, "damaged");
  const build = new BuildDirectory(parent);
  build.saveRecord({ version: 1 });
  build.close();
  writeFileSync(join(parent, build.id, "build.json"), '{"version":');
  expect(readBuildRecord(parent, build.id)).toBeUndefined();
});

test("BuildDirectory forgets all but the last two hundred builds", () => {
  const parent = join(directory, "many");
  for (let number = 0; number < 210; number++)
    mkdirSync(join(parent, `20010101T000000${String(number).padStart(3, "0")}-0000`), { recursive: true });
  const build = new BuildDirectory(parent);
  build.write("1", Buffer.from("x"));
  build.close();
  const names = readdirSync(parent).sort();
  expect(names).toHaveLength(200);
  expect(names[0]).toBe("20010101T000000011-0000");
  expect(buildIds(parent)[0]).toBe(build.id);
});
