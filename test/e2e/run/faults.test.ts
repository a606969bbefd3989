// Builds that are killed at any moment, disks that fill, memory that runs out, processes that stay: afterwards no mount, process,
// cgroup or temporary file is left, and the next build is right.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { randomNumbers } from "../../helpers/file-probe/file-probe.js";
import { baseImageFlags } from "../../helpers/images.js";
import { leftovers } from "../../helpers/leftovers.js";
import { until } from "../../helpers/processes.js";

const KILLS = 200;
const workspace = new Workspace();
let base: string[];
beforeAll(async () => void (base = await baseImageFlags("busybox")));
afterAll(() => workspace.remove());

/** Cgroups of steps, wherever a hierarchy is mounted. */
function cgroups(): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => / - cgroup2? /.test(line));
  return mounts
    .flatMap((line) => below(line.split(" ")[4]!, 3))
    .filter((path) => /tsbuild-\d+-[0-9a-f]{12}$/.test(path));
}

function below(directory: string, depth: number): string[] {
  const children = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(directory, name));
  return depth === 0
    ? children
    : [...children, ...children.flatMap((child) => (existsSync(child) ? below(child, depth - 1) : []))];
}

const LIMITS = ["--memory=512m", "--pids-limit=200"];

test(`kill -9 at ${KILLS} random moments, with cgroups, mounts and secrets in use`, { timeout: 170_000 }, async () => {
  const random = randomNumbers(42);
  const others = new Set(cgroups());
  const context = workspace.files("killed", { file: "content", Dockerfile: "" });
  const mounts =
    "--mount=type=cache,target=/c --mount=type=secret,id=s --mount=type=bind,source=file,target=/f --mount=type=tmpfs,target=/t";
  for (let kill = 0; kill < KILLS; kill++) {
    writeFileSync(
      join(context, "Dockerfile"),
      `FROM busybox\nRUN ${mounts} seq 20000 >/n${kill}; (setsid sleep 50 &)\nCOPY file /\nRUN rm -f /n*; seq 2000 >>/c\n`,
    );
    const words = ["build", "--progress=quiet", ...LIMITS, "--secret=id=s,env=HOME", ...base, context];
    const child = spawn("bin/tsbuild", words, {
      env: { ...process.env, TSBUILD_HOME: workspace.home, TMPDIR: join(workspace.path, "tmp") },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await setTimeout(40 + random(260));
    child.kill("SIGKILL");
    await ended;
  }
  const { code, stderr } = await workspace.run([
    "build",
    "--progress=plain",
    ...LIMITS,
    ...base,
    workspace.files("right", { Dockerfile: "FROM busybox\nRUN seq 20000 >/n && test $(wc -l </n) = 20000\n" }),
  ]);
  expect(code, stderr).toBe(0);
  await until(() => leftovers(workspace).length === 0, 5000).catch(() => expect(leftovers(workspace)).toEqual([]));
  expect(cgroups().filter((path) => !others.has(path))).toEqual([]);
});

describe("a small disk", () => {
  const image = join(workspace.path, "disk");
  const home = join(workspace.path, "small");
  beforeAll(() => {
    writeFileSync(image, "");
    truncateSync(image, 48 << 20);
    execFileSync("mkfs.ext4", ["-q", image]);
    mkdirSync(home);
    execFileSync("mount", ["-o", "loop", image, home]);
  });
  afterAll(() => void execFileSync("umount", [home]));
  const build = (name: string, line: string) =>
    workspace.run([
      "build",
      "--progress=plain",
      `--home=${join(home, "store")}`,
      ...base,
      workspace.files(name, { Dockerfile: `FROM busybox\nRUN ${line}\n` }),
    ]);

  test("that fills in a step is said, and nothing of the step stays", async () => {
    const free = () => Number(execFileSync("df", ["--output=avail", home], { encoding: "utf8" }).split("\n")[1]);
    expect((await build("first", "true")).code).toBe(0);
    const before = free();
    const { code, stderr } = await build("full", "dd if=/dev/zero of=/big bs=64k count=4000");
    expect(code).toBe(1);
    expect(stderr).toContain("exit code: 1: no space is left on the disk");
    expect(stderr).toContain("hint: Free space on the filesystem of the store");
    expect(before - free()).toBeLessThan(1000);
    expect((await build("after", "echo fits >/fits")).code).toBe(0);
  });
});

describe("memory", () => {
  test("that runs out is said, and the next build is right", async () => {
    const context = workspace.files("hungry", {
      Dockerfile: "FROM busybox\nRUN head -c 200m /dev/zero | tail >/dev/null\n",
    });
    const hungry = await workspace.run(["build", "--progress=plain", "--memory=32m", ...base, context]);
    expect([hungry.code, hungry.stderr]).toEqual([
      1,
      expect.stringMatching(/because memory ran out[^]*hint: Give the step more with --memory/),
    ]);
    expect((await workspace.run(["build", "--progress=plain", "--memory=1g", ...base, context])).code).toBe(0);
    expect(leftovers(workspace)).toEqual([]);
  });
});

test("a signal that ends a step is named", async () => {
  const context = workspace.files("signal", { Dockerfile: "FROM busybox\nRUN sh -c 'kill -SEGV $$'; exit $?\n" });
  const { stderr } = await workspace.run(["build", "--progress=plain", ...base, context]);
  expect(stderr).toContain("exit code: 139 (SIGSEGV)");
});

test("the whole log of a failed step is kept, and the tail is printed", async () => {
  const context = workspace.files("long", { Dockerfile: "FROM busybox\nRUN seq 5000; exit 9\n" });
  const { stderr } = await workspace.run(["build", "--progress=plain", ...base, context]);
  expect(stderr).toContain("whole log: ");
  const log = /whole log: (\S+)/.exec(stderr)![1]!;
  expect(readFileSync(log, "utf8")).toBe(Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join(""));
});
