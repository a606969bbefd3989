// The root filesystem that the command sees, and what remains of its changes.

import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RuntimeUnderTest } from "../runtime.js";

export function rootTests(subject: () => RuntimeUnderTest): void {
  describe("the root", () => {
    test("has the generated hosts and resolv.conf (S-120, S-121)", async () => {
      const { bench, runtime } = subject();
      const { stdout } = await bench.shell(runtime, "cat /etc/hosts /etc/resolv.conf; hostname");
      expect(stdout).toBe("127.0.0.1\tlocalhost buildkitsandbox\nnameserver 192.0.2.1\nbuildkitsandbox\n");
    });

    test("keeps hosts and resolv.conf from being written (S-123)", async () => {
      const { bench, runtime } = subject();
      const { stdout, upper } = await bench.shell(
        runtime,
        "for f in hosts resolv.conf; do echo x >>/etc/$f || echo no; rm /etc/$f || echo no; done",
      );
      expect(stdout).toBe("no\nno\nno\nno\n");
      expect(readdirSync(upper)).toEqual([]);
    });

    test("leaves what was written, in overlayfs's form, and nothing else (S-124, S-125)", async () => {
      const { bench, runtime } = subject();
      const script =
        "echo a >/run/a; echo b >/tmp/b; rm /bin/ls; : >/dev/shm/c; mkdir /new; ls /proc /sys /dev >/dev/null";
      const { status, upper } = await bench.shell(runtime, script);
      expect(status.code).toBe(0);
      expect(readdirSync(upper).sort()).toEqual(["bin", "new", "run", "tmp"]);
      expect(readFileSync(join(upper, "run/a"), "utf8")).toBe("a\n");
      expect(lstatSync(join(upper, "bin/ls"))).toMatchObject({ rdev: 0 });
      expect(lstatSync(join(upper, "bin/ls")).isCharacterDevice()).toBe(true);
    });

    test("leaves nothing when nothing was written, and its layers as they were", async () => {
      const { bench, runtime } = subject();
      const before = statSync(join(bench.root, "etc")).mtimeMs;
      const { upper } = await bench.shell(runtime, "cat /etc/hosts >/dev/null");
      expect(readdirSync(upper)).toEqual([]);
      expect(statSync(join(bench.root, "etc")).mtimeMs).toBe(before);
    });

    test("stacks many layers, the first on top", async () => {
      const { bench, runtime } = subject();
      const layers = Array.from({ length: 100 }, (_, index) => {
        const directory = join(bench.directory, `layers-${runtime.name}`, `a layer:with,odd\\name ${index}`);
        mkdirSync(directory, { recursive: true });
        writeFileSync(join(directory, `file-${index}`), `${index}`);
        writeFileSync(join(directory, "top"), `${index}`);
        return directory;
      });
      const { stdout } = await bench.shell(runtime, "ls / | grep -c file-; cat /top", {
        lowers: [...layers, bench.root],
      });
      expect(stdout).toBe("100\n0");
    });

    test("refuses more layers than overlayfs stacks", async () => {
      const { bench, runtime } = subject();
      const lowers = Array.from({ length: 501 }, () => bench.root);
      await expect(bench.run(runtime, ["true"], { lowers })).rejects.toMatchObject({ code: "limit_exceeded" });
    });

    test("has /proc of its own processes, and an own /dev", async () => {
      const { bench, runtime } = subject();
      const { stdout } = await bench.shell(
        runtime,
        "echo $$; ls /dev | tr '\\n' ' '; head -c 3 /dev/zero | wc -c; echo x >/dev/null",
      );
      expect(stdout).toMatch(
        /^1\n(core )?fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero 3\n$/,
      );
    });
  });

  describe("mounts", () => {
    test("binds directories and files, read-only or not", async () => {
      const { bench, runtime } = subject();
      const source = join(bench.directory, `bind-${runtime.name}`);
      mkdirSync(join(source, "deep"), { recursive: true });
      writeFileSync(join(source, "file"), "content");
      chmodSync(join(source, "deep"), 0o777);
      const script = "cat /tmp/file; echo; echo x >/tmp/deep/new; echo x >/etc/no 2>/dev/null || echo no; cat /root";
      const { stdout, upper } = await bench.shell(runtime, script, {
        mounts: [
          { type: "bind", source, target: "/tmp", readonly: false },
          { type: "bind", source, target: "/run", readonly: true },
          { type: "bind", source: join(source, "file"), target: "/etc/hosts", readonly: true },
          { type: "bind", source: join(source, "deep"), target: "/etc", readonly: true },
        ],
      });
      expect(stdout).toBe("content\nno\n");
      expect(readdirSync(join(source, "deep"))).toEqual(["new"]);
      expect(readdirSync(upper)).toEqual([]);
    });

    test("mounts a tmpfs with its size and mode", async () => {
      const { bench, runtime } = subject();
      const script = "stat -c %a /tmp /root; head -c 2000000 /dev/zero >/tmp/big 2>/dev/null || wc -c </tmp/big";
      const { stdout } = await bench.shell(runtime, script, {
        mounts: [
          { type: "tmpfs", target: "/tmp", size: 1 << 20, mode: 0o700 },
          { type: "tmpfs", target: "/root" },
        ],
      });
      expect(stdout).toBe("700\n1777\n1048576\n");
    });

    test("makes mount points below another mount, and below /dev", async () => {
      const { bench, runtime } = subject();
      const file = join(bench.directory, `script-${runtime.name}`);
      writeFileSync(file, "#!/bin/sh\necho ran\n", { mode: 0o755 });
      const { stdout, upper } = await bench.shell(runtime, "/dev/pipes/EOF; ls -d /tmp/a/b /tmp/c; cat /tmp/c", {
        mounts: [
          { type: "tmpfs", target: "/tmp" },
          { type: "tmpfs", target: "/tmp/a/b" },
          { type: "bind", source: file, target: "/tmp/c", readonly: true },
          { type: "bind", source: file, target: "/dev/pipes/EOF", readonly: true },
        ],
      });
      expect(stdout).toBe("ran\n/tmp/a/b\n/tmp/c\n#!/bin/sh\necho ran\n");
      expect(readdirSync(upper)).toEqual([]);
    });

    test("says which mount cannot be made", async () => {
      const { bench, runtime } = subject();
      const source = join(bench.directory, "nothing-here");
      const mounts = [{ type: "bind", source, target: "/tmp", readonly: true }] as const;
      await expect(bench.run(runtime, ["true"], { mounts })).rejects.toMatchObject({
        code: "sandbox_failed",
        message: expect.stringContaining(source),
      });
    });
  });
}
