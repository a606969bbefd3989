// The launcher itself, where no suite of runtimes reaches it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../../../executor/sandbox/built-in/launch.js";
import { encodeProgram, exec, operation } from "../../../executor/sandbox/built-in/operation.js";
import { BuiltInRuntime } from "../../../executor/sandbox/index.js";
import { testLauncher } from "../../helpers/launcher.js";
import { descendants, processesWith, until } from "../../helpers/processes.js";
import { StepBench } from "../../helpers/step.js";

const launcher = testLauncher();
const ignore = { onOutput: () => {} };

describe("the launcher", () => {
  let bench: StepBench;
  beforeAll(() => void (bench = new StepBench()));
  afterAll(() => bench.close());

  test("has fewer than 500 lines, and every operation in its table", () => {
    const [source = "", keeper = ""] = ["launcher.c", "keeper.c"].map((name) =>
      readFileSync(join(import.meta.dirname, "../../../executor/sandbox/launcher", name), "utf8"),
    );
    expect(source.split("\n").length).toBeLessThan(500);
    const defined = [...(source + keeper).matchAll(/^(?:static )?int do_(\w+)\(void\)/gm)].map(([, name]) => name);
    const listed = [...source.matchAll(/^ {2}\{"(\w+)", do_(\w+)\}/gm)].map(([, name, run]) => [name, run]);
    expect(listed.map(([name]) => name).sort()).toEqual(defined.sort());
    expect(listed.every(([name, run]) => name === run)).toBe(true);
  });

  test("says which operation failed, and with what error", async () => {
    const program = encodeProgram([operation("", "umask", 0), operation("", "mkdir", "/proc/no", 0o755)]);
    expect(await launch(launcher, program, ignore)).toEqual({ kind: "error", number: 2, index: 1 });
  });

  test("goes on after an operation that may fail", async () => {
    const program = encodeProgram([
      operation("", "try"),
      operation("", "mkdir", "/proc/no", 0o755),
      operation("", "unknown-word"),
    ]);
    expect(await launch(launcher, program, ignore)).toEqual({ kind: "error", number: 38, index: 2 });
  });

  test.each([
    ["without a command", Buffer.from("\x08\0\0\0umask\x000\0", "latin1"), 74],
    ["that ends inside a word", Buffer.from("\x07\0\0\0umask\x000", "latin1"), 74],
    ["with more words announced than there are", encodeProgram([operation("", "exec", 99_999_999_999)]), 74],
    ["longer than any step's", Buffer.from([255, 255, 255, 255]), 12],
  ])("refuses a program %s", async (_, program, number) => {
    expect(await launch(launcher, program, ignore)).toMatchObject({ kind: "error", number });
  });

  test("runs a program without namespaces too", async () => {
    const chunks: Uint8Array[] = [];
    const program = encodeProgram([
      operation("", "pipes"),
      operation("", "clone", 0),
      exec(["/bin/sh", "-c", "echo $X; exit 3"], ["X=1"]),
    ]);
    const last = await launch(launcher, program, { onOutput: (_, data) => chunks.push(data) });
    expect(last).toEqual({ kind: "exit", number: 3, index: 0 });
    expect(Buffer.concat(chunks).toString()).toBe("1\n");
  });

  test("makes the sandbox of a next step ahead of it, and leaves nothing of that when the runtime rests", async () => {
    const before = new Set(descendants(process.pid));
    const ofRuntime = () => descendants(process.pid).filter((pid) => !before.has(pid));
    const runtime = new BuiltInRuntime(launcher);
    for (const word of ["one", "two", "three"])
      expect((await bench.shell(runtime, `echo ${word} $$`)).stdout).toBe(`${word} 1\n`);
    await until(() => ofRuntime().length === 3); // what serves launchers, one of them, and the first process of its sandbox
    await runtime.rest();
    await until(() => ofRuntime().length === 0);
    expect((await bench.shell(runtime, "echo again")).stdout).toBe("again\n");
    await runtime.rest();
  });

  test("gives a step the machine's own /proc, where it asks for files of it", async () => {
    const runtime = new BuiltInRuntime(launcher);
    const mounts = [{ type: "bind", source: "/proc/sys/kernel", target: "/run", readonly: true }] as const;
    expect((await bench.shell(runtime, "cat /run/ostype; ls /proc/self/task | wc -l", { mounts })).stdout).toBe(
      "Linux\n1\n",
    );
  });

  test("takes its sandbox with it when it is killed", async () => {
    const runtime = new BuiltInRuntime(launcher);
    const word = `tsbuild-launcher-test-${process.pid}`;
    const step = bench.shell(runtime, `sleep 1000; : ${word}`);
    const failed = expect(step).rejects.toMatchObject({ code: "sandbox_failed" });
    await until(() => processesWith(word).length > 0);
    for (const pid of parentsOf(processesWith(word))) process.kill(pid, "SIGKILL");
    await failed;
    await until(() => processesWith(word).length === 0);
  });
});

function parentsOf(pids: readonly number[]): number[] {
  const parents = pids.map((pid) => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]));
  return parents.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("tsbuild-launcher"));
}
