// executor/cgroup: where hierarchies are, what limits are in each version, and cgroups in trees that only look like a kernel's.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readHierarchies } from "../../../executor/cgroup/hierarchies.js";
import { controllersOf, settingsOf } from "../../../executor/cgroup/limits.js";
import { StepCgroup } from "../../../executor/cgroup/index.js";

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
    const cgroup = StepCgroup.make({ limits: {}, parent: "/../builds/a" }, unified())!;
    expect(cgroup.directories).toEqual([
      expect.stringMatching(new RegExp(`^${root}/builds/a/tsbuild-\\d+-[0-9a-f]{12}$`)),
    ]);
  });

  test("removes what killed builds left, and nothing else", () => {
    mkdirSync(join(root, "builds/tsbuild-4194305-0123456789ab"), { recursive: true });
    mkdirSync(join(root, `builds/tsbuild-${process.pid}-0123456789ab`));
    StepCgroup.make({ limits: {}, parent: "builds" }, unified());
    expect(existsSync(join(root, "builds/tsbuild-4194305-0123456789ab"))).toBe(false);
    expect(existsSync(join(root, `builds/tsbuild-${process.pid}-0123456789ab`))).toBe(true);
  });

  test("counts what was killed for want of memory", () => {
    const cgroup = StepCgroup.make({ limits: {}, parent: "builds" }, unified())!;
    expect(cgroup.oomKills()).toBe(0);
    writeFileSync(join(cgroup.directories[0]!, "memory.events"), "oom 3\noom_kill 2\n");
    expect(cgroup.oomKills()).toBe(2);
  });
});
