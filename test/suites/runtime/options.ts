// What a step may be given beyond the command: secrets, limits, capabilities, cgroups.

import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFAULT_CAPABILITIES } from "../../../executor/sandbox/policy.js";
import type { SandboxSecret } from "../../../executor/sandbox/runtime.js";
import type { Abilities, RuntimeUnderTest } from "../runtime.js";

const PIDS = "/sys/fs/cgroup/pids";

export function optionTests(subject: () => RuntimeUnderTest, can: Abilities): void {
  const shell = async (line: string, options = {}): Promise<string> => {
    const { bench, runtime } = subject();
    return (await bench.shell(runtime, line, options)).stdout;
  };
  const secret = (content: string | Uint8Array, rest: Partial<SandboxSecret> = {}): SandboxSecret => ({
    type: "secret",
    content: Buffer.from(content),
    target: "/etc/hosts",
    mode: 0o400,
    uid: 0,
    gid: 0,
    ...rest,
  });

  describe("a secret", () => {
    if (can.hasManyIds)
      test("has its bytes, owner and mode (S-138)", async () => {
        const bytes = Buffer.from([0, 255, 10, 13, 39, 0]);
        const mounts = [secret(bytes, { target: "/run/key", mode: 0o440, uid: 12, gid: 34 })];
        const line = "stat -c '%a %u %g %s' /run/key; od -An -tx1 /run/key";
        expect(
          await shell(`${line}`, { mounts, lowers: [subject().bench.scaffold("run/key"), subject().bench.root] }),
        ).toBe("440 12 34 6\n 00 ff 0a 0d 27 00\n");
      });

    test("is in memory, cannot be written, and leaves the other mounts as they were", async () => {
      const line =
        "grep ' /etc/hosts ' /proc/mounts | cut -d' ' -f1,3,4 | cut -d, -f1; echo x >/etc/hosts; ls -a /dev/shm";
      expect(await shell(line, { mounts: [secret("x")] })).toMatch(/tmpfs tmpfs ro\n\.\n\.\.\n$/);
    });

    test("can be long, and one of several", async () => {
      const mounts = [secret("a".repeat(500_000)), secret("", { target: "/etc/resolv.conf" })];
      expect(await shell("wc -c </etc/hosts; wc -c </etc/resolv.conf", { mounts })).toBe("500000\n0\n");
    });

    test("is in no file of the host while the step runs", async () => {
      const value = "zq-8271-secret-value-zq";
      const { bench, runtime } = subject();
      const { stdout, upper } = await bench.shell(runtime, "cat /etc/hosts", { mounts: [secret(value)] });
      expect(stdout).toBe(value);
      expect(bench.filesWith(upper, value)).toEqual([]);
    });
  });

  describe("limits", () => {
    test("of resources are the given ones", async () => {
      const limits = [
        { resource: "nofile", soft: 100, hard: 200 },
        { resource: "core", soft: -1, hard: -1 },
      ];
      const line = "grep -E 'open files|core file' /proc/self/limits | tr -s ' '";
      expect(await shell(line, { limits })).toBe(
        "Max core file size unlimited unlimited bytes \nMax open files 100 200 files \n",
      );
    });

    test("of /dev/shm are the given bytes", async () => {
      expect(await shell("df -k /dev/shm | tail -1 | awk '{print $2}'", { shmBytes: 1 << 20 })).toBe("1024\n");
    });
  });

  test("capabilities are the given ones, and the filter follows them", async () => {
    const capabilities = [...DEFAULT_CAPABILITIES.filter((name) => name !== "CHOWN"), "SYS_ADMIN"];
    const line =
      "grep CapBnd /proc/self/status; chown 1 /etc/hosts 2>/dev/null || echo refused; mount -t tmpfs none /tmp && echo mounted";
    expect(await shell(line, { capabilities })).toBe("CapBnd:\t00000000a82425fa\nrefused\nmounted\n");
  });

  if (can.isRoot)
    test("the command is in its cgroups", async () => {
      const directory = `${PIDS}/tsbuild-test-${process.pid}`;
      mkdirSync(directory);
      try {
        expect(await shell("grep pids /proc/self/cgroup", { cgroups: [directory] })).toMatch(/:pids:\/\n/);
        expect(readFileSync(`${directory}/cgroup.procs`, "utf8")).toBe("");
      } finally {
        rmdirSync(directory);
      }
    });
}
