// The built-in runtime for an ordinary user, whose steps have one id.

import { chownSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callerOutput, startCaller } from "../../helpers/caller.js";
import { testLauncher } from "../../helpers/launcher.js";
import { StepBench, type StepOptions } from "../../helpers/step.js";

const USER = 54_321;

describe("a step of an ordinary user", () => {
  let bench: StepBench;
  beforeAll(() => {
    bench = new StepBench();
    own(bench.directory);
  });
  afterAll(() => bench.close());

  async function shell(line: string, options: StepOptions = {}): Promise<{ lines: string[]; upper: string }> {
    const spec = bench.spec(["sh", "-c", line], options);
    own(bench.directory);
    const caller = startCaller(bench.directory, {
      recipe: { requested: "built-in", launcherPath: testLauncher() },
      spec,
      uid: USER,
    });
    return { lines: (await callerOutput(caller)).trim().split("\n"), upper: spec.upper };
  }

  test("is root in its sandbox, and its files are the user's", async () => {
    const { lines, upper } = await shell("id -u; touch /new; rm /bin/ls; echo x >/dev/null; hostname");
    expect(lines).toEqual(["0", "buildkitsandbox", '{"code":0}']);
    expect(lstatSync(join(upper, "new"))).toMatchObject({ uid: USER, gid: USER });
    expect(lstatSync(join(upper, "bin/ls")).isCharacterDevice()).toBe(true);
  });

  test("is another user when the image says so", async () => {
    const { lines } = await shell("id -u; id -g; grep CapEff /proc/self/status", { uid: 33, gid: 34, groups: [34] });
    expect(lines).toEqual(["33", "34", "CapEff:\t0000000000000000", '{"code":0}']);
  });

  test("is confined as root's is", async () => {
    const refused = [
      "mount -t tmpfs none /tmp",
      "unshare -U true",
      "echo 1 >/proc/sys/kernel/panic",
      "ls /sys/firmware/*",
      "chmod 600 /dev/null",
    ];
    const { lines } = await shell(refused.map((command) => `{ ${command}; } >/dev/null 2>&1 || echo no`).join("\n"));
    expect(lines).toEqual([...refused.map(() => "no"), '{"code":0}']);
  });

  test("has a network of its own when it has none", async () => {
    const { lines } = await shell("ls /sys/class/net; ifconfig lo | grep -c -w UP", { network: "none" });
    expect(lines).toEqual(["lo", "1", '{"code":0}']);
  });
});

function own(path: string): void {
  chownSync(path, USER, USER);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) own(join(path, entry.name));
    else if (entry.isFile()) chownSync(join(path, entry.name), USER, USER);
  }
}
