// Builds that are killed at any moment, disks that fill, memory that runs out, processes that stay: afterwards no mount, process,
// cgroup or temporary file is left, and the next build is right.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stepCgroups } from "../../helpers/cgroups.js";
import { type RunningCli, Workspace } from "../../helpers/cli.js";
import { randomNumbers } from "../../helpers/file-probe/file-probe.js";
import { baseImageFlags } from "../../helpers/images.js";
import { leftovers } from "../../helpers/leftovers.js";
import { descendants, processes, processesWith, readProc, until } from "../../helpers/processes.js";

const KILLS = 200;
const AT_ONCE = 4;
const RUNTIMES = [[], [], ["--oci-runtime=crun"], ["--oci-runtime=runc"]];
const LIMITS = ["--memory=512m", "--pids-limit=200", "--secret=id=s,env=HOME"];
const MOUNTS = [
  "type=cache,target=/c",
  "type=secret,id=s",
  "type=bind,source=file,target=/f",
  "type=tmpfs,target=/t",
].map((mount) => `--mount=${mount}`);

const workspace = new Workspace();
/** In the command lines of this file's steps only. */
const marker = `faults-${process.pid}-`;
let base: string[];
beforeAll(async () => void (base = await baseImageFlags("busybox")));
afterAll(() => workspace.remove());

const dockerfile = (content: string) => `FROM busybox
RUN ${MOUNTS.join(" ")} seq 20000 >/n-${content}; (setsid sh -c 'sleep 100; : ${marker}' &)
COPY file /${content}
RUN rm -f /n*; seq 2000 >>/c
`;

const words = (content: string, ...more: string[]) => {
  const context = workspace.files(`context-${content}`, { file: "content", Dockerfile: dockerfile(content) });
  return ["build", ...LIMITS, ...base, ...more, context];
};

const killed = new Set<number>();

async function kill({ child, result }: RunningCli): Promise<void> {
  killed.add(child.pid!);
  child.kill("SIGKILL");
  await result;
}

/** Everything that a build of this file has left, in whatever mount namespace. */
function remains(): string[] {
  return [
    ...leftovers(workspace),
    ...processesWith(marker).map((pid) => `process ${pid}`),
    ...processes()
      .filter((pid) => pid !== process.pid && readProc(pid, "mountinfo").includes(workspace.path))
      .map((pid) => `mounts of process ${pid}`),
    ...stepCgroups().filter((path) => [...killed].some((pid) => path.includes(`-${pid}-`))),
  ];
}

/** The next builds remove what nobody else could, and make what a new store gives. */
async function expectRight(content: string): Promise<void> {
  const lists = new Set<string>();
  for (const more of [["--oci-runtime=crun"], [], [`--home=${workspace.path}/fresh`]]) {
    await workspace.expectSuccess(words(content, "--tag=right:1", ...more));
    const home = more.filter((word) => word.startsWith("--home"));
    const list = [
      "sh",
      "-c",
      "find / -xdev -exec ls -ld {} + | sed 's/ .* / /'; find / -xdev -type f -exec sha256sum {} +",
    ];
    lists.add((await workspace.expectSuccess(["run", ...home, "right:1", ...list])).stdout);
  }
  expect([...lists]).toEqual([expect.stringContaining(` /${content}\n`)]);
  await until(() => remains().length === 0).catch(() => expect(remains()).toEqual([]));
}

test(`kill -9 at ${KILLS} random moments, several builds at once, with cgroups, mounts and secrets in use`, async () => {
  const random = randomNumbers(42);
  const killAll = async (first: number): Promise<void> => {
    for (let number = first; number < KILLS; number += AT_ONCE) {
      const build = workspace.start(words(`${number}`, "--progress=quiet", ...RUNTIMES[(number % 8) >> 1]!));
      await setTimeout(60 + random(600));
      await kill(build);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => killAll(first)));
  await expectRight("after-moments");
});

test("kill -9 at the beginning and the end of each step, and of each part of the export", async () => {
  let facts = 0;
  for (let isDone = false; !isDone; facts++) {
    const archive = `--output=type=oci,dest=${workspace.path}/image.tar`;
    const build = workspace.start(words(`b${facts}`, "--progress=rawjson", archive));
    const lines = () => build.stderr().split("\n").length - 1;
    isDone = await Promise.race([
      build.result.then(() => true),
      until(() => lines() > facts, 60_000).then(() => lines() > facts && build.child.exitCode !== null),
    ]);
    await kill(build);
  }
  expect(facts).toBeGreaterThan(12);
  await expectRight("after-boundaries");
});

test.each(["crun", "runc"])(
  "what %s leaves when it is killed with all that attends it, the next build removes",
  async (name) => {
    const step = `RUN : ${name}; sh -c 'sleep 1000; : ${marker}'\n`;
    const context = workspace.files(`all-${name}`, { Dockerfile: `FROM busybox\n${step}` });
    const build = workspace.start(["build", `--oci-runtime=${name}`, ...LIMITS, ...base, context]);
    const inSandbox = () => processesWith(`: ${marker}`);
    await until(() => inSandbox().length > 0, 20_000);
    const attending = descendants(build.child.pid!);
    for (const pid of [build.child.pid!, ...attending]) signal(pid, "SIGSTOP");
    for (const pid of attending) signal(pid, "SIGKILL");
    await kill(build);
    await until(() => inSandbox().length === 0);
    await workspace.expectSuccess(words(`after-${name}`, `--oci-runtime=${name}`));
    await until(() => remains().length === 0).catch(() => expect(remains()).toEqual([]));
  },
);

/** A process that has just ended needs none. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

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
  const build = (name: string, line: string, ...more: string[]) =>
    workspace.run([
      "build",
      "--progress=plain",
      `--home=${join(home, "store")}`,
      ...base,
      ...more,
      workspace.files(name, { Dockerfile: `FROM busybox\n${line}\n` }),
    ]);
  const free = () => Number(execFileSync("df", ["--output=avail", home], { encoding: "utf8" }).split("\n")[1]);

  test.each(RUNTIMES.slice(1))("that fills in a step is said, and nothing of the step stays %s", async (...runtime) => {
    expect((await build("first", "RUN true", ...runtime)).code).toBe(0);
    const before = free();
    const { code, stderr } = await build("full", "RUN dd if=/dev/zero of=/big bs=64k count=4000", ...runtime);
    expect(code).toBe(102);
    expect(stderr).toContain("exit code: 1: no space is left on the disk");
    expect(stderr).toContain("hint: Free space on the filesystem of the store");
    expect(before - free()).toBeLessThan(1000);
    expect((await build("after", `RUN echo fits >/fits-${runtime.length}`, ...runtime)).code).toBe(0);
  });

  test("that fills while a layer is packed is said, and nothing of the layer stays", async () => {
    const before = free();
    const half = Math.floor(before * 0.6);
    const { code, stderr } = await build("packed", `RUN head -c ${half}k /dev/urandom >/big`);
    expect([code, stderr]).toEqual([102, expect.stringContaining("no space")]);
    expect(before - free()).toBeLessThan(1000);
    expect((await build("again", "RUN echo fits >/fits-again")).code).toBe(0);
  });

  test.each([
    ["/dev/shm", "", "in /dev/shm", "--shm-size"],
    ["/t", "--mount=type=tmpfs,target=/t,size=1m ", "in /t", "size="],
  ])("of the step's own, %s, is not the disk of the store", async (directory, flag, place, hint) => {
    const { code, stderr } = await build("own", `RUN ${flag}dd if=/dev/zero of=${directory}/big bs=64k count=2000`);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`exit code: 1: no space is left ${place}\n.*hint: .*${hint}`, "s"));
  });
});

describe.each(RUNTIMES.slice(1))("memory %s", (...runtime) => {
  test("that runs out is said, and the next build is right", async () => {
    const context = workspace.files(`hungry${runtime.length}`, {
      Dockerfile: `FROM busybox\nRUN : ${runtime.join("")}; head -c 200m /dev/zero | tail >/dev/null\n`,
    });
    const build = (limit: string) =>
      workspace.run(["build", "--progress=plain", `--memory=${limit}`, ...runtime, ...base, context]);
    const { code, stderr } = await build("32m");
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/because memory ran out[^]*hint: Give the step more with --memory/),
    ]);
    expect((await build("1g")).code).toBe(0);
    expect(leftovers(workspace)).toEqual([]);
  });
});

test.each(RUNTIMES.slice(1))(
  "processes that leave their session and lose their parent end with the step %s",
  async (...runtime) => {
    const leave = `for i in 1 2 3; do (trap '' HUP TERM; setsid sh -c 'sleep 1000; : ${marker}' </dev/null >/dev/null 2>&1 &); done`;
    const context = workspace.files("daemons", { Dockerfile: `FROM busybox\nRUN : ${runtime.join("")}; ${leave}\n` });
    await workspace.expectSuccess(["build", ...runtime, ...base, context]);
    expect(remains()).toEqual([]);
  },
);

test("a signal that ends a step is named (S-128)", async () => {
  const context = workspace.files("signal", { Dockerfile: "FROM busybox\nRUN sh -c 'kill -SEGV $$'; exit $?\n" });
  const { stderr } = await workspace.run(["build", "--progress=plain", ...base, context]);
  expect(stderr).toContain("exit code: 139 (SIGSEGV)");
});

test("the whole log of a failed step is kept, and the tail is printed", async () => {
  const context = workspace.files("long", { Dockerfile: "FROM busybox\nRUN seq 5000; exit 9\n" });
  const { stderr } = await workspace.run(["build", "--progress=plain", ...base, context]);
  const log = /whole log: (\S+)/.exec(stderr)![1]!;
  expect(readFileSync(log, "utf8")).toBe(Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join(""));
});
