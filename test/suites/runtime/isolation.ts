// What the command cannot reach: the host, other processes, the kernel.

import { readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Abilities, RuntimeUnderTest } from "../runtime.js";

export function isolationTests(subject: () => RuntimeUnderTest, can: Abilities): void {
  const shell = async (line: string, options = {}): Promise<string> => {
    const { bench, runtime } = subject();
    return (await bench.shell(runtime, line, options)).stdout;
  };

  describe("isolation", () => {
    test("leaves no descriptor open but 0, 1 and 2", async () => {
      expect(await shell("ls /proc/self/fd | tr '\\n' ' '")).toBe("0 1 2 3 "); // 3 is ls's own, for the directory
    });

    test("has namespaces of its own, and the caller's network", async () => {
      const kinds = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];
      const found = (await shell(`for n in ${kinds.join(" ")}; do readlink /proc/self/ns/$n; done`)).trim().split("\n");
      const own = kinds.map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
      expect(kinds.filter((_, index) => found[index] === own[index])).toEqual(["net"]);
    });

    test("has only a loopback interface without network, and it is up (S-126)", async () => {
      const line =
        "ls /sys/class/net; ifconfig lo | grep -c -w UP; ifconfig lo | grep -o 127.0.0.1; wc -l </proc/net/route";
      expect(await shell(line, { network: "none" })).toMatch(/^lo\n1\n127.0.0.1\n[01]\n$/);
    });

    test.each(["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts"])("hides %s", async (path) => {
      expect(await shell(`cat ${path} 2>/dev/null | head -c 10`)).toBe("");
    });

    test.each(["/proc/acpi", "/proc/scsi", "/sys/firmware"])("empties %s", async (path) => {
      expect(await shell(`ls -A ${path} 2>/dev/null`)).toBe("");
    });

    test.each([
      "/proc/sys/kernel/core_pattern",
      "/proc/sysrq-trigger",
      "/proc/sys/kernel/domainname",
      "/sys/kernel/mm/transparent_hugepage/enabled",
      "/sys/fs/cgroup/cgroup.procs",
      "/sys/kernel/uevent_helper",
      "/proc/irq/default_smp_affinity",
    ])("keeps %s from being written", async (path) => {
      expect(await shell(`[ -e ${path} ] || echo no; { echo 1 >${path}; } 2>/dev/null || echo no`)).toMatch(/^no\n/);
    });

    test.each([
      "mount -t tmpfs none /tmp",
      "mount -o bind /bin /tmp",
      "mount -o remount,rw /proc/sys",
      "umount /proc/sys",
      "umount -l /etc/hosts",
      "unshare -m true",
      "unshare -U true",
      "nsenter -t 1 -m true",
      "hostname other",
      "pivot_root / /tmp",
      "chroot / mount -t proc none /tmp",
      "swapoff -a",
    ])("refuses: %s", async (command) => {
      expect(await shell(`${command} >/dev/null 2>&1 || echo refused`)).toBe("refused\n");
    });

    test("lets nodes of devices be made, but not opened", async () => {
      const line =
        "for d in /tmp /dev /dev/shm; do mknod $d/disk b 1 0 && mknod $d/zero2 c 1 5; head -c 1 $d/disk $d/zero2 2>/dev/null | wc -c; done";
      expect(await shell(line)).toBe("0\n0\n0\n");
    });

    test("does not let a device of a layer be opened", async () => {
      const { bench, runtime } = subject();
      const { upper } = await bench.shell(runtime, "mknod /tmp/zero2 c 1 5");
      expect(await shell("head -c 1 /tmp/zero2 2>/dev/null | wc -c", { lowers: [upper, bench.root] })).toBe("0\n");
    });

    test("keeps changes of /dev/null to itself", async () => {
      const before = statSync("/dev/null");
      await shell("chmod 600 /dev/null; chown 1:1 /dev/null; rm -f /dev/null");
      const { mode, uid, ino } = statSync("/dev/null");
      expect([mode, uid, ino]).toEqual([before.mode, before.uid, before.ino]);
      const own = can.hasOtherUsers ? 1000 : 0;
      expect(await shell("stat -c %a /dev/null; echo x >/dev/null && echo ok", { uid: own, gid: own })).toBe(
        "666\nok\n",
      );
    });

    test("sees and signals no process outside", async () => {
      const { stdout } = await subject().bench.shell(
        subject().runtime,
        `ls /proc | grep -c '^[0-9]'; kill -0 ${process.pid} 2>/dev/null || echo no`,
      );
      expect(stdout).toMatch(/^[2-5]\nno\n$/);
    });

    test("follows symlinks of mount points inside the root", async () => {
      const { bench, runtime } = subject();
      const { upper } = await bench.shell(
        runtime,
        `mkdir -p /inner${bench.directory}; rm -r /tmp; ln -s /inner${bench.directory} /tmp`,
      );
      const options = { lowers: [upper, bench.root], mounts: [{ type: "tmpfs", target: "/tmp" }] };
      const line = `grep -c ' /inner${bench.directory} ' /proc/self/mountinfo; echo x >/tmp/file; ls ${join("/inner", bench.directory)}`;
      expect(await shell(line, options)).toBe("1\nfile\n");
    });

    test("is not left by a chroot that is escaped", async () => {
      const line =
        "mkdir /tmp/c; cd /; for i in 1 2 3 4 5 6 7 8; do cd ..; done; ls / | tr '\\n' ' '; ls | tr '\\n' ' '";
      const [absolute, relative] = (await shell(line)).split("tmp ");
      expect(relative).toBe(absolute);
    });
  });
}
