// Small parts of the runtimes that need no sandbox.

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { RecordReader } from "../../../executor/sandbox/built-in/record.js";
import { encodeProgram, exec, operation } from "../../../executor/sandbox/built-in/operation.js";
import { capabilityMask } from "../../../executor/sandbox/built-in/setup.js";
import { ownershipOf } from "../../../executor/ownership.js";
import { commandError } from "../../../executor/sandbox/command-error.js";
import { killedBy } from "../../../executor/sandbox/exit-status.js";
import { firstError, runtimeError } from "../../../executor/sandbox/oci/log.js";
import { kernelIsAtLeast, prepareOverlay } from "../../../executor/sandbox/overlay.js";
import { availableCapabilities, DEFAULT_CAPABILITIES, openFileLimit } from "../../../executor/sandbox/policy.js";
import { canSetGroups, hasGroup, ownerInside, parseIdMap, readPrivilege } from "../../../executor/sandbox/privilege.js";
import type { SandboxSpec } from "../../../executor/sandbox/runtime.js";
import { tmpfsOptions } from "../../../executor/sandbox/tmpfs.js";

describe("encodeProgram()", () => {
  test("writes the length, then words that end with NUL, and bytes as they are", () => {
    const program = encodeProgram([
      operation("x", "mkdir", "/a", 0o755),
      operation("y", "seccomp", 2, Buffer.from([1, 0])),
    ]);
    expect(program.readUInt32LE(0)).toBe(program.length - 4);
    expect(program.subarray(4).toString("latin1")).toBe("mkdir\0/a\x00493\0seccomp\x002\0\x01\0");
  });

  test("counts the arguments and variables of the command", () => {
    expect(exec(["a", "é"], ["B=1"]).words).toEqual(["exec", 2, "a", "é", 1, "B=1"]);
  });

  test("refuses a word with NUL", () => {
    expect(() => encodeProgram([exec(["echo", "a\0b"], [])])).toThrow(expect.objectContaining({ code: "bad_value" }));
  });
});

describe("RecordReader", () => {
  test("gives the same records however the bytes are cut", () => {
    const text = Buffer.from("child\x0012\x000\0error\x002\x007\0exit\x00255\x000\0");
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const reader = new RecordReader();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const records = places.slice(1).flatMap((end, index) => reader.read(text.subarray(places[index], end)));
        expect(records).toEqual([
          { kind: "child", number: 12, index: 0 },
          { kind: "error", number: 2, index: 7 },
          { kind: "exit", number: 255, index: 0 },
        ]);
      }),
    );
  });
});

describe("prepareOverlay()", () => {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-overlay-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  const specOf = (name: string, lowers: readonly string[]) => {
    const scratch = join(directory, name);
    mkdirSync(scratch);
    return { lowers, upper: join(directory, "u"), work: join(directory, "w"), scratch } as unknown as SandboxSpec;
  };
  const kernel = "6.1.0-13-amd64";

  test("names directories relative to the scratch directory, and makes nothing", () => {
    const spec = specOf("plain", [join(directory, "top"), join(directory, "below")]);
    expect(prepareOverlay(spec, { userxattr: false, kernel })).toBe(
      "lowerdir=../top:../below,upperdir=../u,workdir=../w,index=off,redirect_dir=off,metacopy=off,volatile",
    );
    expect(readdirSync(spec.scratch)).toEqual([]);
  });

  test.each([
    ["characters that mean something in options", ["/top:,", "/below"]],
    ["more than a page of options", Array.from({ length: 60 }, (_, index) => `/${"x".repeat(70)}${index}`)],
  ])("gives directories short names for %s", (_name, lowers) => {
    const spec = specOf(String(lowers.length), lowers);
    const names = lowers.map((_, index) => index);
    const [up, work] = [lowers.length, lowers.length + 1];
    const flags = "index=off,userxattr,volatile";
    expect(prepareOverlay(spec, { userxattr: true, kernel })).toBe(
      `lowerdir=${names.join(":")},upperdir=${up},workdir=${work},${flags}`,
    );
    expect(names.map((name) => readlinkSync(join(spec.scratch, String(name))))).toEqual(lowers);
  });

  test.each([
    ["5.9.16", false],
    ["5.10.0-rc1", true],
    ["6.1.0-13-amd64", true],
    ["4.19", false],
  ])("knows whether Linux %s is at least 5.10", (kernel, expected) => {
    expect(kernelIsAtLeast(5, 10, kernel)).toBe(expected);
  });
});

test("killedBy() names the signal", () => {
  expect(killedBy(9)).toEqual({ code: 137, signal: "SIGKILL" });
  expect(killedBy(11)).toEqual({ code: 139, signal: "SIGSEGV" });
  expect(killedBy(40)).toEqual({ code: 168, signal: "SIG40" });
});

test("commandError() tells not found from not executable", () => {
  const command = { command: "npm", env: ["PATH=/a", "PATH=/b"] };
  expect(commandError("ENOENT", command)).toMatchObject({
    code: "command_not_found",
    exitCode: 127,
    message: '"npm" is in no directory of PATH (/b)',
  });
  expect(commandError("EACCES", command)).toMatchObject({
    code: "run_failed",
    exitCode: 126,
    message: '"npm" cannot be executed: permission denied',
  });
  expect(commandError("E2BIG", { ...command, env: ["A=1234567", "B=é"] })).toMatchObject({
    exitCode: 126,
    message: `"npm" cannot be executed: its arguments, and environment of 15 bytes, are more than the kernel takes (E2BIG)`,
    hint: expect.stringMatching(/^Give it less by ENV/),
  });
  expect(commandError("ENOEXEC", command)).toMatchObject({
    exitCode: 126,
    message: expect.stringContaining("exec format error"),
  });
  expect(commandError("E2BIG", command)).toMatchObject({ exitCode: 126, message: expect.stringContaining("E2BIG") });
});

describe("the log of an OCI runtime", () => {
  test("has its first error, after warnings and broken lines", () => {
    const log = '{"level":"warning","msg":"w"}\n{"level":"error","msg":"e1"}\n{"level":"error","msg":"e2"}\n{"lev';
    expect(firstError(log)).toBe("e1");
    expect(firstError('{"level":"info","msg":"i"}\n')).toBeUndefined();
    expect(firstError("")).toBeUndefined();
  });

  test.each([
    ['runc run failed: unable to start container process: exec: "x": executable file not found in $PATH', 127],
    ['runc run failed: unable to start container process: exec: "/x": stat /x: no such file or directory', 127],
    ['runc run failed: unable to start container process: exec: "/x": permission denied', 126],
    ["executable file `x` not found in $PATH: No such file or directory", 127],
    ["executable file `/x` not found: No such file or directory", 127],
    ["open executable: Permission denied", 126],
    ["exec container process `/x`: Exec format error", 126],
  ])("is translated: %s", (message, exitCode) => {
    expect(runtimeError("crun", message, { command: "x", env: [] })).toMatchObject({ exitCode });
  });

  test("is told on one line when it is about something else", () => {
    const error = runtimeError("crun", "mount `/x`:\n No such file or directory ", { command: "x", env: [] });
    expect(error).toMatchObject({
      code: "sandbox_failed",
      message: "crun cannot run the step: mount `/x`: No such file or directory",
    });
  });
});

test("openFileLimit() is within what the machine allows", () => {
  const limits = (hard: string): string =>
    `Max open files            1024                 ${hard}                files     \n`;
  expect(openFileLimit(limits("4096"))).toEqual({ soft: 4096, hard: 4096 });
  expect(openFileLimit(limits("unlimited"))).toEqual({ soft: 65_536, hard: 1_048_576 });
  expect(openFileLimit(limits("524288"))).toEqual({ soft: 65_536, hard: 524_288 });
});

test("capabilities are the bits that the kernel has for them", () => {
  expect(capabilityMask(DEFAULT_CAPABILITIES)).toBe("0xa80425fb");
  expect(availableCapabilities("CapBnd:\t00000000a80425fb\n").sort()).toEqual([...DEFAULT_CAPABILITIES].sort());
});

test("tmpfsOptions() has the mode that everybody may write, and a size when it is limited", () => {
  expect(tmpfsOptions({ type: "tmpfs", target: "/x" })).toBe("mode=1777");
  expect(tmpfsOptions({ type: "tmpfs", target: "/x", size: 4096, mode: 0o700 })).toBe("mode=700,size=4096");
});

test("a privilege knows which groups steps can have", () => {
  const gids = parseIdMap("         0       1000          1\n         1     100000      65536\n");
  expect(gids).toEqual([
    { inside: 0, outside: 1000, count: 1 },
    { inside: 1, outside: 100_000, count: 65_536 },
  ]);
  expect([
    hasGroup({ kind: "root" }, 5),
    hasGroup({ kind: "namespace", uids: [], gids }, 5),
    hasGroup({ kind: "user", uid: 1, gid: 1 }, 5),
  ]).toEqual([true, true, false]);
  expect([
    canSetGroups({ kind: "root" }),
    canSetGroups({ kind: "namespace", uids: [], gids: gids.slice(0, 1) }),
    canSetGroups({ kind: "user", uid: 1, gid: 1 }),
  ]).toEqual([true, false, false]);
});

describe("readPrivilege() of a process with user id 0", () => {
  const ALL = "1ffffffffff";
  const read = (map: string, capabilities: string) => (path: string) =>
    path === "/proc/self/status" ? `Name:\tx\nCapEff:\t${capabilities}\n` : map;
  const everybody = "         0          0 4294967295\n";
  const few = "         0     100000      65536\n";
  const kept = [{ inside: 0, outside: 0, count: 65_536 }];

  test.each([
    ["root of the machine", everybody, ALL, { kind: "root" }, "exact"],
    ["root of a namespace", few, ALL, { kind: "namespace" }, "mapped"],
    ["root of a container", few, "a80425fb", { kind: "user", uid: 0, maps: { uids: kept, gids: kept } }, "mapped"],
    ["root of a container that may change to no user", few, "0", { kind: "user", uid: 0, gid: 0 }, "recorded"],
  ])("is %s", (_, map, capabilities, expected, owners) => {
    const privilege = readPrivilege(read(map, capabilities));
    expect(privilege).toMatchObject(expected);
    expect(ownershipOf(privilege)).toBe(owners);
  });
});

test("ownerInside() is the step's user where the namespace has no such owner", () => {
  const step = { uid: 7, gid: 8 };
  const maps = { uids: [{ inside: 0, outside: 0, count: 10 }], gids: [{ inside: 0, outside: 0, count: 10 }] };
  expect(ownerInside({ uid: 5, gid: 500 }, step, { kind: "root" })).toEqual({ uid: 5, gid: 500 });
  expect(ownerInside({ uid: 5, gid: 500 }, step, { kind: "namespace", ...maps })).toEqual({ uid: 5, gid: 8 });
  expect(ownerInside({ uid: 5, gid: 500 }, step, { kind: "user", uid: 1, gid: 1 })).toEqual(step);
});
