// How a runtime finds the command, and what passes between it and the caller.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Abilities, RuntimeUnderTest } from "../runtime.js";

export function commandTests(subject: () => RuntimeUnderTest, can: Abilities): void {
  describe("the command", () => {
    test.each([0, 1, 42, 126, 127, 255])("exits with %i", async (code) => {
      const { bench, runtime } = subject();
      expect((await bench.shell(runtime, `exit ${code}`)).status).toEqual({ code });
    });

    test("sees the given environment and nothing else (S-119)", async () => {
      const { bench, runtime } = subject();
      const env = ["PATH=/bin", "A=1", "EMPTY=", "QUOTED=a 'b' \"c\" $d\n", "HOME=/root"];
      const { stdout } = await bench.run(runtime, ["env"], { env });
      expect(stdout).toBe(`${env.join("\n")}\n`);
    });

    test("is searched in PATH of its environment, inside the root (S-115)", async () => {
      const { bench, runtime } = subject();
      writeFileSync(join(bench.root, "root/only-here"), "#!/bin/sh\necho found $*\n", { mode: 0o755 });
      const { stdout } = await bench.run(runtime, ["only-here", "a b"], { env: ["PATH=/bin:/root:/usr/bin"] });
      expect(stdout).toBe("found a b\n");
    });

    test("is command_not_found when it is in no directory of PATH", async () => {
      const { bench, runtime } = subject();
      await expect(bench.run(runtime, ["node"])).rejects.toMatchObject({
        code: "command_not_found",
        exitCode: 127,
        message: '"node" is in no directory of PATH (/usr/bin:/bin)',
      });
    });

    test("is command_not_found when its path is not in the root", async () => {
      const { bench, runtime } = subject();
      await expect(bench.run(runtime, ["/usr/bin/node"])).rejects.toMatchObject({
        code: "command_not_found",
        exitCode: 127,
      });
    });

    test("cannot be a file without permission to execute", async () => {
      const { bench, runtime } = subject();
      await expect(bench.run(runtime, ["/etc/hosts"])).rejects.toMatchObject({ code: "run_failed", exitCode: 126 });
    });

    test("cannot be a file that is no program", async () => {
      const { bench, runtime } = subject();
      writeFileSync(join(bench.root, "root/no-program"), "\u0001\u0002\u0003\u0004 not a program");
      chmodSync(join(bench.root, "root/no-program"), 0o755);
      const said = bench.run(runtime, ["/root/no-program"]).then(
        ({ stderr }) => stderr,
        (error: Error) => error.message,
      );
      expect(await said).toMatch(/exec format error/i); // runc takes it for the command's own exit
    });

    test("runs in its working directory", async () => {
      const { bench, runtime } = subject();
      expect((await bench.run(runtime, ["pwd"], { cwd: "/tmp" })).stdout).toBe("/tmp\n");
    });

    test("gets arguments as they are, also long ones and many", async () => {
      const { bench, runtime } = subject();
      const long = "x".repeat(100_000);
      const many = Array.from({ length: 2000 }, (_, index) => `argument ${index}`);
      const { stdout } = await bench.run(runtime, [
        "sh",
        "-c",
        'echo "$#" "${#1}" "$2" "$3"',
        "sh",
        long,
        "*",
        "\t\\n'",
        ...many,
      ]);
      expect(stdout).toBe("2003 100000 * \t\\n'\n");
    });

    test("gets half a megabyte of environment", async () => {
      const { bench, runtime } = subject();
      const env = Array.from({ length: 50 }, (_, index) => `V${index}=${"y".repeat(10_000)}`);
      const { stdout } = await bench.run(runtime, ["sh", "-c", "env | wc -c"], { env: ["PATH=/bin", ...env] });
      expect(Number(stdout)).toBeGreaterThan(500_000);
    });

    test("has nothing on its standard input", async () => {
      const { bench, runtime } = subject();
      expect((await bench.shell(runtime, "cat; echo end")).stdout).toBe("end\n");
    });

    test("writes to both streams", async () => {
      const { bench, runtime } = subject();
      const { stdout, stderr } = await bench.shell(runtime, "echo out; echo err >&2");
      expect([stdout, stderr]).toEqual(["out\n", "err\n"]);
    });

    if (can.hasOtherUsers)
      test("opens its streams by name, also as another user", async () => {
        const { bench, runtime } = subject();
        const options = { uid: 1234, gid: 99, groups: [99] };
        const { stdout, stderr } = await bench.shell(runtime, "echo out >/dev/stdout; echo err >/dev/stderr", options);
        expect([stdout, stderr]).toEqual(["out\n", "err\n"]);
      });

    test("writes megabytes without loss", async () => {
      const { bench, runtime } = subject();
      const { output, stderr } = await bench.shell(
        runtime,
        "head -c 1048576 /dev/zero & head -c 1048577 /dev/zero >&2; wait",
      );
      expect([output.length, Buffer.byteLength(stderr)]).toEqual([1_048_576, 1_048_577]);
    });

    test("writes bytes that are no whole characters", async () => {
      const { bench, runtime } = subject();
      const { output } = await bench.shell(runtime, "printf '\\303'; sleep 0.05; printf '\\251\\377\\000'");
      expect([...output]).toEqual([0xc3, 0xa9, 0xff, 0x00]);
    });
  });
}
