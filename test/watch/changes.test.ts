// What is watched goes away and comes back.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Changes } from "../../watch/index.js";

let parent: string;
let changes: Changes | undefined;
const root = () => join(parent, "context");
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "tsbuild-watch-"));
  mkdirSync(join(root(), "src"), { recursive: true });
});
afterEach(() => {
  changes?.close();
  rmSync(parent, { recursive: true });
});

const watch = () =>
  (changes = new Changes(
    {
      files: [join(root(), "Dockerfile")],
      directories: [{ directory: root(), paths: ["src"], ignore: { patterns: [] } }],
    },
    { onChange: () => {} },
  ));
const settled = () => watch().settle(AbortSignal.timeout(10_000));

test("a directory that another takes the place of has changed, though none of its files has", async () => {
  const settling = settled();
  renameSync(root(), join(parent, "old"));
  mkdirSync(root());
  expect(await settling).toContain(root());
});

test("what is not there is waited for", async () => {
  rmSync(root(), { recursive: true });
  const settling = settled();
  mkdirSync(root());
  writeFileSync(join(root(), "Dockerfile"), "FROM scratch\n");
  expect(await settling).toEqual([join(root(), "Dockerfile")]);
});

test("a directory with the name of its root is one like others", async () => {
  const settling = settled();
  mkdirSync(join(root(), "context"));
  writeFileSync(join(root(), "src/a"), "1");
  expect(await settling).toEqual([join(root(), "src/a")]);
});
