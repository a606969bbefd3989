import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stageFile } from "../../cache/index.js";

let directory: string;
let place: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsbuild-staged-"));
  place = join(directory, "out/app.tar");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a staged file takes its place when it is whole, and leaves nothing when it is not", () => {
  const first = stageFile(place);
  writeFileSync(first.path, "whole");
  expect(existsSync(place)).toBe(false);
  first.commit();
  first.end();
  const second = stageFile(place);
  writeFileSync(second.path, "half");
  second.end();
  expect(readFileSync(place, "utf8")).toBe("whole");
  expect(readdirSync(join(directory, "out"))).toEqual(["app.tar"]);
});

test("what a killed writer of the same place left is removed; what others write, and other files, stay", async () => {
  const alive = stageFile(place);
  const left = `${place}.${process.pid}-abc-0.tmp`;
  const others = [`${place}.tmp`, `${place}.mine-1.tmp`, join(directory, "out/other.tar.1-abc-0.tmp")];
  for (const path of [left, ...others]) writeFileSync(path, "");
  const held = `${place}.1-held-0.tmp`;
  const holder = spawn("sh", ["-c", 'exec 9>"$0"; flock -n 9 && echo held; exec sleep 60', held]);
  await once(holder.stdout, "data");
  const staged = stageFile(place);
  expect(existsSync(left)).toBe(false);
  for (const path of [...others, alive.path, held]) expect(existsSync(path)).toBe(true);
  alive.end();
  staged.end();
  holder.kill("SIGKILL");
  await once(holder, "close");
  stageFile(place).end();
  expect(existsSync(held)).toBe(false);
});

test("a name as long as names may be is staged, and what is left of it is found", () => {
  const long = join(directory, "x".repeat(255));
  const left = join(directory, `${"x".repeat(207)}.1-abc-0.tmp`);
  writeFileSync(left, "");
  const staged = stageFile(long);
  writeFileSync(staged.path, "whole");
  staged.commit();
  staged.end();
  expect(readdirSync(directory)).toEqual(["x".repeat(255)]);
});
