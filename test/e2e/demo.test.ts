// `npm run demo`, the first thing that a newcomer runs.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { stepsOf, stepsThatRan } from "../helpers/plain-progress.js";

test("the demo builds, runs, and shows every step cached the second time", async () => {
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", "scripts/demo.sh 2>&1"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^image: {2}sha256:[0-9a-f]{64}$/m);
  expect(stdout).toContain("I am user 1000.\nHello, world!\nHello, Debian!\nHello, tsbuild!\n");
  const again = stdout.slice(stdout.indexOf("the same build again"));
  expect(stepsOf(again).size).toBe(5);
  expect(stepsThatRan(again)).toEqual([]);
});
