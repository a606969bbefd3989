// executor/cgroup: where hierarchies are, what limits are in each version, and cgroups in trees that only look like a kernel's.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readHierarchies } from "../../../executor/cgroup/hierarchies.js";
import { controllersOf, settingsOf } from "../../../executor/cgroup/limits.js";
import { StepCgroup } from "../../../executor/cgroup/index.js";
import { removeDirectories } from "../../../filesystem/index.js";

describe("readHierarchies()", () => {
  test("finds version 2 and this process in it", () => {
    const mountinfo = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    expect(readHierarchies({ mountinfo, cgroup: "0::/user.slice/a.scope\n" })).toEqual([
      expect.objectContaining({ version: 2, mount: "/sys/fs/cgroup", own: "/sys/fs/cgroup/user.slice/a.scope" }),
    ]);
  });

  test("finds the controllers of version 1, also several in one mount", () => {
    const mountinfo = [
      "31 23 0:27 / /cg/memory rw - cgroup cgroup rw,memory",
      "32 23 0:28 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct",
      "33 23 0:1 / /cg/unified rw - cgroup2 none rw",
    ].join("\n");
    const found = readHierarchies({ mountinfo, cgroup: "4:memory:/a\n3:cpu,cpuacct:/b:c\n0::/\n" });
    expect(found.map(({ own, controllers }) => [own, controllers])).toEqual([
      ["/cg/memory/a", ["memory"]],
      ["/cg/cpu/b:c", ["cpu", "cpuacct"]],
      ["/cg/unified", []],
    ]);
  });

  test("takes a container's view, which has the outer path as its root", () => {
    const mountinfo = "31 23 0:27 /docker/x /cg/memory ro - cgroup cgroup rw,memory\n";
    expect(readHierarchies({ mountinfo, cgroup: "4:memory:/docker/x/sub\n" })[0]!.own).toBe("/cg/memory/sub");
    expect(readHierarchies({ mountinfo, cgroup: "4:memory:/docker/x\n" })[0]!.own).toBe("/cg/memory");
    expect(readHierarchies({ mountinfo, cgroup: "4:memory:/../..\n" })[0]!.own).toBe("/cg/memory");
  });
});

describe("settingsOf()", () => {
  const files = (limits: Parameters<typeof settingsOf>[0], version: 1 | 2) =>
    Object.fromEntries(settingsOf(limits, version).map(({ file, value }) => [file, value]));

  test.each([
    [
      { memory: 1000 },
      { "memory.max": "1000", "memory.swap.max": "1000" },
      { "memory.limit_in_bytes": "1000", "memory.memsw.limit_in_bytes": "2000" },
    ],
    [
      { memory: 1000, memorySwap: -1 },
      { "memory.max": "1000", "memory.swap.max": "max" },
      { "memory.limit_in_bytes": "1000", "memory.memsw.limit_in_bytes": "-1" },
    ],
    [{ cpus: 1.5 }, { "cpu.max": "150000 100000" }, { "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "150000" }],
    [
      { cpuQuota: 5000, cpuPeriod: 10_000 },
      { "cpu.max": "5000 10000" },
      { "cpu.cfs_period_us": "10000", "cpu.cfs_quota_us": "5000" },
    ],
    [{ cpuShares: 1024 }, { "cpu.weight": "39" }, { "cpu.shares": "1024" }],
    [{ cpuShares: 262_144 }, { "cpu.weight": "10000" }, { "cpu.shares": "262144" }],
    [
      { cpusetCpus: "0-1", cpusetMems: "0" },
      { "cpuset.cpus": "0-1", "cpuset.mems": "0" },
      { "cpuset.cpus": "0-1", "cpuset.mems": "0" },
    ],
    [{ pids: -1 }, { "pids.max": "max" }, { "pids.max": "max" }],
  ])("writes %j", (limits, unified, legacy) => {
    expect([files(limits, 2), files(limits, 1)]).toEqual([unified, legacy]);
  });

  test("needs nothing for nothing", () => {
    expect(controllersOf({})).toEqual([]);
    expect(controllersOf({ memory: 1, memorySwap: 2, pids: 3 })).toEqual(["memory", "pids"]);
  });
});

describe("StepCgroup.make()", () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "tsbuild-cgroup-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const unified = (own = root) => [{ version: 2 as const, mount: root, own, controllers: [] }];

  test("makes nothing when nothing is asked for", () => {
    expect(StepCgroup.make({ limits: {} }, unified())).toBeUndefined();
  });

  test("asks the cgroup above for its controllers, and says what the kernel has not", () => {
    expect(() => StepCgroup.make({ limits: { memory: 1 << 20 } }, unified())).toThrow(
      expect.objectContaining({
        code: "unsupported",
        message: "--memory cannot be set: this kernel has no memory.max",
      }),
    );
    expect(readFileSync(join(root, "cgroup.subtree_control"), "utf8")).toBe("+memory");
    expect(readdirSync(root)).toEqual(["cgroup.subtree_control"]); // what was made is removed
  });

  test("says when no hierarchy has the controller", () => {
    expect(() => StepCgroup.make({ limits: { pids: 1 } }, [])).toThrow(
      "this machine lets steps have no limits: no pids controller",
    );
  });

  test("makes the parent that is asked for, below the root of the hierarchy only", () => {
    writeFileSync(join(root, "cgroup.subtree_control"), "");
    const cgroup = StepCgroup.make({ limits: {}, parent: "/builds/a" }, unified())!;
    expect(cgroup.directories).toEqual([
      expect.stringMatching(new RegExp(`^${root}/builds/a/tsbuild-\\d+-${process.pid}-\\d+-[0-9a-f]{12}$`)),
    ]);
  });

  test("refuses a parent that leads elsewhere", () => {
    expect(() => StepCgroup.make({ limits: {}, parent: "builds/../../x" }, unified())).toThrow(
      expect.objectContaining({ code: "bad_value" }),
    );
    expect(readdirSync(root)).toEqual([]);
  });

  test("removes the parents that it made, unless another step uses them, and tells of them before", async () => {
    const told: string[] = [];
    const onMake = ({ use, directory }: { use: string; directory: string }) => told.push(`${use} ${directory}`);
    mkdirSync(join(root, "there"));
    const make = () => StepCgroup.make({ limits: {}, parent: "there/a/b", onMake }, unified())!;
    const [first, second] = [make(), make()];
    expect(told).toEqual([
      `parent ${root}/there/a`,
      `parent ${root}/there/a/b`,
      `step ${first.directories[0]}`,
      `step ${second.directories[0]}`,
    ]);
    await first.remove();
    expect(readdirSync(join(root, "there/a/b"))).toEqual([basename(second.directories[0]!)]);
    await second.remove();
    rmdirSync(join(root, "there/a/b"));
    await make().remove();
    expect(readdirSync(join(root, "there"))).toEqual(["a"]); // not of the last
  });

  test("removes what killed builds left, with what their steps made in it, and nothing else", () => {
    const own = basename(StepCgroup.make({ limits: {}, parent: "builds" }, unified())!.directories[0]!);
    const [, namespace, pid, start] = own.split("-");
    const random = "0123456789ab";
    const dead = [
      `tsbuild-${namespace}-4194305-1-${random}`,
      `tsbuild-${namespace}-${pid}-${Number(start) + 1}-${random}`,
    ];
    const others = [own, `tsbuild-1-4194305-1-${random}`, "tsbuild-4194305", `docker-${namespace}-4194305-1-${random}`];
    for (const name of [...dead.map((each) => `${each}/inner/most`), ...others])
      mkdirSync(join(root, "builds", name), { recursive: true });
    const later = basename(StepCgroup.make({ limits: {}, parent: "builds" }, unified())!.directories[0]!);
    expect(readdirSync(join(root, "builds")).sort()).toEqual([...others, later].sort());
  });

  test("counts what was killed for want of memory", () => {
    const cgroup = StepCgroup.make({ limits: {}, parent: "builds" }, unified())!;
    expect(cgroup.oomKills()).toBe(0);
    writeFileSync(join(cgroup.directories[0]!, "memory.events"), "oom 3\noom_kill 2\n");
    expect(cgroup.oomKills()).toBe(2);
  });
});

describe("on the kernel's own unified hierarchy", () => {
  const unified = readHierarchies().filter(({ version }) => version === 2);
  const parent = `tsbuild-unit-${process.pid}`;
  const [mount = ""] = unified.map((hierarchy) => hierarchy.mount);
  const asleep: ChildProcess[] = [];
  afterEach(async () => {
    await Promise.all(asleep.splice(0).map(end));
    removeDirectories(join(mount, parent));
  });

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** A process in the cgroup. */
  function putInto(directory: string): ChildProcess {
    const child = spawn("sh", ["-c", 'echo 0 >"$0/cgroup.procs" && echo in && exec sleep 100', directory]);
    asleep.push(child);
    return child;
  }

  test("a step's cgroup is made, entered and removed, with those that the step made in it", async () => {
    const cgroup = StepCgroup.make({ limits: {}, parent }, unified)!;
    const [directory = ""] = cgroup.directories;
    expect(directory).toMatch(new RegExp(`^${mount}/${parent}/tsbuild-\\d+-${process.pid}-`));
    mkdirSync(join(directory, "inner/most"), { recursive: true });
    const child = putInto(directory);
    await once(child.stdout!, "data");
    expect(readFileSync(join(directory, "cgroup.procs"), "utf8")).toBe(`${child.pid}\n`);
    expect(cgroup.oomKills()).toBe(0);
    setTimeout(() => child.kill("SIGKILL"), 20); // the end of a step's last process is seen a moment later
    await cgroup.remove();
    expect(existsSync(directory)).toBe(false);
  });

  test("a cgroup with a process in it is not dead, whatever its name says", async () => {
    const [own = ""] = StepCgroup.make({ limits: {}, parent }, unified)!.directories;
    const stale = join(mount, parent, basename(own).replace(`-${process.pid}-`, "-4194305-"));
    mkdirSync(stale);
    const child = putInto(stale);
    await once(child.stdout!, "data");
    await StepCgroup.make({ limits: {}, parent }, unified)!.remove();
    expect(existsSync(stale)).toBe(true);
    await end(child);
    await StepCgroup.make({ limits: {}, parent }, unified)!.remove();
    expect(existsSync(stale)).toBe(false);
  });

  test.each([
    [{ memory: 64 << 20 }, "memory", "memory.max", `${64 << 20}`],
    [{ cpus: 1.5 }, "cpu", "cpu.max", "150000 100000"],
    [{ cpusetCpus: "0" }, "cpuset", "cpuset.cpus", "0"],
    [{ pids: 50 }, "pids", "pids.max", "50"],
  ])("the limit %j is set where the controller %s is there, else refused", (limits, controller, file, value) => {
    const make = () => StepCgroup.make({ limits, parent }, unified)!;
    if (readFileSync(join(mount, "cgroup.controllers"), "utf8").trim().split(" ").includes(controller)) {
      expect(readFileSync(join(make().directories[0]!, file), "utf8")).toBe(`${value}\n`);
    } else {
      expect(make).toThrow(`the cgroup "${parent}" cannot hand on ${controller}`);
    }
  });
});
