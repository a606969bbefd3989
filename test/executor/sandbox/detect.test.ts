import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { chooseRuntime } from "../../../executor/sandbox/index.js";
import { testLauncher } from "../../helpers/launcher.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-detect-"));
afterAll(() => rmSync(directory, { recursive: true }));

function program(name: string, mode = 0o755): string {
  const path = join(directory, name);
  writeFileSync(path, "#!/bin/sh\nexit 1\n");
  chmodSync(path, mode);
  return path;
}

describe("chooseRuntime()", () => {
  const launcherPath = testLauncher();
  const nothing = join(directory, "nothing");

  test("prefers the built-in runtime", async () => {
    expect((await chooseRuntime({ launcherPath })).name).toBe("built-in");
  });

  test("takes crun, then runc, when there is no launcher, or it does not work", async () => {
    program("runc");
    expect((await chooseRuntime({ launcherPath: nothing, path: directory })).name).toBe("runc");
    program("crun");
    expect((await chooseRuntime({ launcherPath: nothing, path: directory })).name).toBe("crun");
    expect((await chooseRuntime({ launcherPath: program("broken-launcher"), path: directory })).name).toBe("crun");
  });

  test("takes what is requested, by name or by path", async () => {
    const path = program("my-runtime");
    expect((await chooseRuntime({ requested: path, launcherPath })).name).toBe(path);
    expect((await chooseRuntime({ requested: "my-runtime", path: directory })).name).toBe("my-runtime");
  });

  test("says what to install when there is none", async () => {
    const none = chooseRuntime({ launcherPath: nothing, path: "/nowhere" });
    await expect(none).rejects.toMatchObject({
      code: "sandbox_unavailable",
      hint: expect.stringContaining("apt-get install crun"),
    });
    await expect(chooseRuntime({ requested: "kata", path: directory })).rejects.toThrow(
      'no OCI runtime "kata" was found',
    );
    await expect(chooseRuntime({ requested: "built-in", launcherPath: nothing })).rejects.toMatchObject({
      code: "sandbox_unavailable",
    });
    await expect(chooseRuntime({ requested: program("data", 0o644) })).rejects.toMatchObject({
      code: "sandbox_unavailable",
    });
  });
});
