// The launcher for arm64: cross-compiled, as the package has it, and run by qemu-user. That emulates neither clone(2) into
// namespaces, nor open_tree(2), nor seccomp(2), so the launcher's program enters its namespaces with unshare(2) here.

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch } from "../../../../executor/sandbox/built-in/launch.js";
import * as linux from "../../../../executor/sandbox/built-in/linux.js";
import {
  encodeProgram,
  exec,
  mount,
  type Operation,
  operation,
} from "../../../../executor/sandbox/built-in/operation.js";
import { syscallTable } from "../../../../executor/sandbox/seccomp/syscalls.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-arm64-"));
const launcher = join(directory, "linux-arm64/tsbuild-launcher");
/** Starts the launcher in the emulator. */
const emulated = join(directory, "emulated");
const root = join(directory, "root");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeAll(() => {
  execFileSync(process.execPath, ["scripts/launcher.mjs", "--arch=arm64", directory], { stdio: "pipe" });
  writeFileSync(emulated, `#!/bin/sh\nexec /usr/bin/qemu-aarch64-static ${launcher}\n`);
  chmodSync(emulated, 0o755);
  for (const name of ["proc", "old"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "of-the-lower"), "");
  const source = join(import.meta.dirname, "probe.c");
  execFileSync("aarch64-linux-gnu-gcc", ["-static", "-O2", "-Wall", "-Wextra", "-o", join(root, "probe"), source]);
  copyFileSync("/usr/bin/qemu-aarch64-static", join(root, "emulator")); // exec of the host knows no arm64
});

async function run(...operations: readonly Operation[]) {
  const output: Uint8Array[] = [];
  const last = await launch(emulated, encodeProgram(operations), { onOutput: (_, data) => output.push(data) });
  return { last, output: Buffer.concat(output).toString() };
}

describe("the launcher for arm64", () => {
  test("is a static program of that machine", () => {
    const elf = readFileSync(launcher);
    expect([elf.toString("latin1", 1, 4), elf[4], elf.readUInt16LE(18)]).toEqual(["ELF", 2, 183]);
    expect(execFileSync("aarch64-linux-gnu-readelf", ["-l", launcher], { encoding: "utf8" })).not.toContain("INTERP");
  });

  test("makes a root, an identity and limits, and executes the command there", async () => {
    const parts = ["upper", "work", "merged"].map((name) => join(directory, name));
    const [upper, work, merged = ""] = parts;
    for (const path of parts) mkdirSync(path);
    const namespaces = linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET;
    const { output } = await run(
      operation("", "unshare", namespaces),
      mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE),
      operation("", "hostname", "buildkitsandbox"),
      operation("", "loopback"),
      mount("overlay", merged, "overlay", linux.MS_NODEV, `lowerdir=${root},upperdir=${upper},workdir=${work}`),
      operation("", "mkdir", join(merged, "made"), 0o750),
      operation("", "file", join(merged, "made/file"), 0o640, 12, 13, 5, Buffer.from("hello")),
      operation("", "symlink", "file", join(merged, "made/link")),
      operation("", "pivot", merged),
      mount("proc", "/proc", "proc", 0),
      operation("", "chdir", "/made"),
      operation("", "rlimit", 7, 100, 200),
      operation("", "umask", 0o022),
      operation("", "bounding", "0xa80425fb"),
      operation("", "groups", 2, 5, 6),
      operation("", "user", 12, 13),
      operation("", "capabilities", "0"),
      exec(["/emulator", "/probe", "word"], ["PATH=/"]),
    );
    expect(output.split("\n")).toEqual([
      "aarch64 buildkitsandbox /made",
      "uid 12 gid 13 groups 2 umask 22",
      "files 100 loopback up bounding 00000000a80425fb",
      "word overlay",
      "",
    ]);
    expect(readFileSync(join(upper!, "made/link"), "utf8")).toBe("hello");
  });

  test("says which operation failed, with the numbers of every architecture", async () => {
    expect((await run(operation("", "umask", 0), operation("", "mkdir", "/proc/no", 0o755))).last).toEqual({
      kind: "error",
      number: 2,
      index: 1,
    });
    expect((await run(operation("", "tree", 0, "/"))).last).toEqual({ kind: "error", number: 38, index: 0 });
  });
});

/** The kernel's own list, as the C library's headers for the machine have it: `#define __NR_NAME NUMBER`, or another name's. */
function headerNumbers(compiler: string): Map<string, number> {
  const options = { input: "#include <asm/unistd.h>\n", encoding: "utf8" } as const;
  const lines = execFileSync(compiler, ["-E", "-dM", "-"], options);
  const defined = new Map([...lines.matchAll(/^#define (__NR\w+) (\w+)$/gm)].map(([, name, value]) => [name!, value!]));
  const names = [...defined.keys()].filter((name) => name.startsWith("__NR_"));
  const numberOf = (name: string) => Number(defined.get(defined.get(name)!) ?? defined.get(name));
  return new Map(names.map((name) => [name.slice("__NR_".length), numberOf(name)]));
}

/** Not system calls, but marks of the header's. */
const MARKS = ["syscalls", "arch_specific_syscall"];

test.each([
  ["aarch64", "aarch64-linux-gnu-gcc"],
  ["x86_64", "x86_64-linux-gnu-gcc"],
] as const)("the table of system calls of %s is that of the kernel's headers", (machine, compiler) => {
  const known = [...headerNumbers(compiler)].filter(([name]) => !MARKS.includes(name));
  expect(known.length).toBeGreaterThan(290);
  const { numbers } = syscallTable(machine);
  expect(known.filter(([name, number]) => numbers.get(name) !== number)).toEqual([]);
});
