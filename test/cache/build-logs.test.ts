// cache/build-logs.ts

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { BuildLogs } from "../../cache/index.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-logs-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("BuildLogs keeps the whole log of each step, for its owner only", () => {
  const logs = new BuildLogs(join(directory, "builds"));
  expect(logs.path("1")).toBeUndefined();
  expect(existsSync(join(directory, "builds"))).toBe(false);
  logs.write("1", Buffer.from("one\n"));
  logs.write("a/b", Buffer.from("other\n"));
  logs.write("1", Buffer.from("two\n"));
  const path = logs.path("1")!;
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(logs.path("a/b")!, "utf8")).toBe("other\n");
  logs.close();
});

test("BuildLogs forgets all but the last fifty builds", () => {
  const parent = join(directory, "many");
  for (let number = 0; number < 60; number++)
    mkdirSync(join(parent, `2001-01-01-${String(number).padStart(2, "0")}`), { recursive: true });
  const logs = new BuildLogs(parent);
  logs.write("1", Buffer.from("x"));
  logs.close();
  const names = readdirSync(parent).sort();
  expect(names).toHaveLength(50);
  expect(names[0]).toBe("2001-01-01-11");
});
