// The filter as the kernel runs it, under every runtime.

import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { architecturesOf, syscallTable } from "../../../../executor/sandbox/seccomp/syscalls.js";
import { chooseRuntime, type SandboxRuntime } from "../../../../executor/sandbox/index.js";
import { testLauncher } from "../../../helpers/launcher.js";
import { StepBench } from "../../../helpers/step.js";

const own = syscallTable(architecturesOf(process.arch)[0]!).numbers;
const [AF_INET, AF_ALG, AF_VSOCK, SOCK_STREAM, SOCK_SEQPACKET] = [2, 38, 40, 1, 5];
const [CLONE_NEWUSER, SIGCHLD] = [0x10000000, 17];

describe.each(["built-in", "crun", "runc"])("the filter under %s", (requested) => {
  let bench: StepBench;
  let runtime: SandboxRuntime;
  beforeAll(async () => {
    bench = new StepBench();
    runtime = await chooseRuntime({ requested, launcherPath: testLauncher() });
    const program = join(bench.directory, "call");
    execFileSync("cc", ["-static", "-O1", "-o", program, join(import.meta.dirname, "call.c")]);
    copyFileSync(program, join(bench.root, "bin/call"));
  });
  afterAll(() => bench.close());

  const calls = async (lines: readonly string[]): Promise<string[]> => {
    const { stdout } = await bench.shell(runtime, lines.map((line) => `call ${line}`).join("\n"));
    return stdout.trim().split("\n");
  };
  const call = (name: string, ...args: (number | bigint)[]): string => [own.get(name), ...args].join(" ");

  test("refuses what escapes need", async () => {
    const names = [
      "keyctl",
      "add_key",
      "mount",
      "umount2",
      "unshare",
      "setns",
      "bpf",
      "perf_event_open",
      "open_by_handle_at",
      "userfaultfd",
      "io_uring_setup",
      "open_tree",
      "reboot",
    ];
    expect(await calls(names.map((name) => call(name)))).toEqual(names.map(() => "EPERM"));
  });

  test("refuses new user namespaces", async () => {
    const found = await calls([call("clone", CLONE_NEWUSER | SIGCHLD), call("clone3"), call("unshare", CLONE_NEWUSER)]);
    expect(found).toEqual(["EPERM", "ENOSYS", "EPERM"]);
  });

  test("looks at arguments", async () => {
    const found = await calls([
      call("socket", AF_INET, SOCK_STREAM),
      call("socket", AF_ALG, SOCK_SEQPACKET),
      call("socket", AF_VSOCK, SOCK_STREAM),
      call("personality", 0xffffffffn),
      call("personality", 0x0040000),
    ]);
    expect(found).toEqual(["ok", "EPERM", "EPERM", "ok", "EPERM"]);
  });

  test("says of calls that are too new that they are not there", async () => {
    expect(await calls(["2000"])).toEqual([requested === "crun" ? "EPERM" : "ENOSYS"]); // crun leaves it to the default action
  });

  test.runIf(process.arch === "x64")(
    "filters 32-bit calls, and has no x32 (x86-64 only: others have none)",
    async () => {
      const numbers = syscallTable("i386").numbers;
      const narrow = ["getpid", "mount", "unshare", "keyctl", "clone3"].map((name) => `32 ${numbers.get(name)}`);
      const [pid, ...refused] = await calls([...narrow, "x32 39"]);
      expect(["ok", "ENOSYS"]).toContain(pid); // a kernel may have no 32-bit calls at all
      expect(refused.every((error) => error === "EPERM" || error === "ENOSYS")).toBe(true);
    },
  );
});
