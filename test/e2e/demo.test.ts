// `npm run demo`, the first thing that a newcomer runs.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the demo builds, runs, and shows every step cached the second time", async () => {
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", "scripts/demo.sh 2>&1"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^image: {2}sha256:[0-9a-f]{64}$/m);
  expect(stdout).toContain("I am user 1000.\nHello, world!\nHello, Debian!\nHello, tsbuild!\n");
  const again = stdout.slice(stdout.indexOf("the same build again"));
  const steps = [...again.matchAll(/^#(\d+) \[(?!internal).*\] (?!FROM)/gm)].map(([, number]) => number);
  expect(steps).toHaveLength(5);
  for (const number of steps) expect(again).toContain(`#${number} CACHED`);
});
