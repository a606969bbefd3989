// The compiled profile, run by an interpreter.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Capability, DEFAULT_CAPABILITIES } from "../../../../executor/sandbox/policy.js";
import { branch, EQUAL, assemble, load, ret } from "../../../../executor/sandbox/seccomp/bpf.js";
import { compileFilter } from "../../../../executor/sandbox/seccomp/compile.js";
import { type Architecture, DEFAULT_PROFILE, applicableRules } from "../../../../executor/sandbox/seccomp/profile.js";
import { architecturesOf, syscallTable } from "../../../../executor/sandbox/seccomp/syscalls.js";
import { type Verdict, runFilter } from "./interpreter.js";

const tables = Object.fromEntries(
  (["x86_64", "i386", "aarch64", "arm"] as const).map((name) => [name, syscallTable(name)]),
);

function filterFor(
  machine: string,
  capabilities: readonly Capability[] = DEFAULT_CAPABILITIES,
  kernel: [number, number] = [6, 1],
): Buffer {
  return compileFilter(applicableRules({ capabilities, kernel }), architecturesOf(machine).map(syscallTable));
}

const x64 = filterFor("x64");
const arm64 = filterFor("arm64");

function verdict(filter: Buffer, architecture: Architecture, name: string, ...args: (bigint | number)[]): Verdict {
  const { audit, numbers } = tables[architecture]!;
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`${architecture} has no ${name}`);
  return runFilter(filter, { number, audit, args: args.map(BigInt) }).verdict;
}

describe("compileFilter()", () => {
  test.each([
    "read",
    "openat",
    "execve",
    "statx",
    "futex",
    "chroot",
    "mknod",
    "setuid",
    "ptrace",
    "seccomp",
    "memfd_create",
    "rseq",
    "landlock_create_ruleset",
  ])("allows %s", (name) => expect(verdict(x64, "x86_64", name)).toBe("allow"));

  test.each([
    "mount",
    "umount2",
    "pivot_root",
    "unshare",
    "setns",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "reboot",
    "kexec_load",
    "init_module",
    "open_by_handle_at",
    "userfaultfd",
    "swapon",
    "settimeofday",
    "io_uring_setup",
    "fsopen",
    "move_mount",
    "open_tree",
    "acct",
    "iopl",
    "process_madvise",
    "quotactl",
    "sethostname",
    "syslog",
    "nfsservctl",
    "mbind",
  ])("refuses %s", (name) => expect(verdict(x64, "x86_64", name)).toBe("EPERM"));

  test.each([
    ["x86_64", "x64"],
    ["i386", "x64"],
    ["aarch64", "arm64"],
    ["arm", "arm64"],
  ] as const)("filters the calls of %s", (architecture, machine) => {
    const filter = machine === "x64" ? x64 : arm64;
    for (const name of ["read", "execve", "exit_group", "rt_sigreturn"])
      expect(verdict(filter, architecture, name)).toBe("allow");
    for (const name of ["mount", "unshare", "keyctl", "bpf"]) expect(verdict(filter, architecture, name)).toBe("EPERM");
    expect(verdict(filter, architecture, "clone3")).toBe("ENOSYS");
  });

  test("refuses clone with any flag of a namespace, and allows it without", () => {
    for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(verdict(x64, "x86_64", "clone", flag | 0x11)).toBe("EPERM");
      expect(verdict(x64, "i386", "clone", flag | 0x11)).toBe("EPERM");
    }
    expect(verdict(x64, "x86_64", "clone", 0x3d0f00)).toBe("allow");
  });

  test("says that clone3 is not there, so that libc uses clone", () => {
    expect(verdict(x64, "x86_64", "clone3")).toBe("ENOSYS");
  });

  test.each([
    [0, "allow"],
    [1, "allow"],
    [2, "allow"],
    [10, "allow"],
    [11, "allow"],
    [12, "EPERM"],
    [16, "allow"],
    [17, "allow"],
    [38, "EPERM"],
    [40, "EPERM"],
    [44, "allow"],
    [46, "EPERM"],
  ] as const)("gives a socket of family %i: %s", (family, expected) => {
    expect(verdict(x64, "x86_64", "socket", family, 1, 0)).toBe(expected);
    expect(verdict(arm64, "aarch64", "socket", family, 1, 0)).toBe(expected);
  });

  test("compares all 64 bits of an argument", () => {
    expect(verdict(x64, "x86_64", "socket", (1n << 32n) | 1n)).toBe("EPERM");
    expect(verdict(x64, "x86_64", "personality", 1n << 32n)).toBe("EPERM");
  });

  test.each([
    [0x0, "allow"],
    [0x8, "allow"],
    [0x20000, "allow"],
    [0x20008, "allow"],
    [0xffffffff, "allow"],
    [0x40000, "EPERM"],
    [0x1, "EPERM"],
  ] as const)("gives personality 0x%s: %s", (value, expected) =>
    expect(verdict(x64, "x86_64", "personality", value)).toBe(expected),
  );

  test("has calls of one architecture only there", () => {
    expect(verdict(x64, "x86_64", "arch_prctl")).toBe("allow");
    expect(verdict(x64, "i386", "arch_prctl")).toBe("EPERM");
    expect(verdict(arm64, "arm", "set_tls")).toBe("allow");
    expect(verdict(arm64, "arm", "get_tls")).toBe("EPERM");
  });

  test("allows what a capability stands for when the step has it", () => {
    const admin = filterFor("x64", ["SYS_ADMIN"]);
    for (const name of ["mount", "unshare", "clone3", "bpf"]) expect(verdict(admin, "x86_64", name)).toBe("allow");
    expect(verdict(admin, "x86_64", "clone", 0x10000000)).toBe("allow");
    expect(verdict(admin, "x86_64", "chroot")).toBe("EPERM");
    expect(verdict(filterFor("x64", ["SYSLOG"]), "x86_64", "syslog")).toBe("allow");
    expect(verdict(filterFor("x64", ["SYS_NICE"]), "x86_64", "mbind")).toBe("allow");
  });

  test("allows ptrace from Linux 4.8 on", () => {
    expect(verdict(filterFor("x64", DEFAULT_CAPABILITIES, [4, 7]), "x86_64", "ptrace")).toBe("EPERM");
    expect(verdict(filterFor("x64", DEFAULT_CAPABILITIES, [4, 8]), "x86_64", "ptrace")).toBe("allow");
    expect(verdict(filterFor("x64", ["SYS_PTRACE"], [4, 7]), "x86_64", "ptrace")).toBe("allow");
  });

  test("answers calls that it does not know as a kernel without them would", () => {
    const { audit } = tables["x86_64"]!;
    for (const number of [400, 9999, 0x3fffffff, 0x40000000, 0x40000001, 0xffffffff]) {
      expect(runFilter(x64, { number, audit }).verdict).toBe("ENOSYS");
    }
  });

  test("refuses every call of other architectures", () => {
    for (const audit of [0x80000016, 0xc00000b7, 0]) expect(runFilter(x64, { number: 0, audit }).verdict).toBe("EPERM");
  });

  test("gives each call of each table the verdict of the rules, in few steps", () => {
    const rules = applicableRules({ capabilities: DEFAULT_CAPABILITIES, kernel: [6, 1] });
    for (const [filter, names] of [
      [x64, ["x86_64", "i386"]],
      [arm64, ["aarch64", "arm"]],
    ] as const) {
      for (const architecture of names) {
        const { audit, numbers } = tables[architecture]!;
        for (const [name, number] of numbers) {
          const rule = rules.find(
            (one) => one.names.includes(name) && (one.architectures?.includes(architecture) ?? true),
          );
          const { verdict: found, steps } = runFilter(filter, { number, audit });
          if (!rule) expect([name, found]).toEqual([name, "EPERM"]);
          else if (rule.errno !== undefined) expect([name, found]).toEqual([name, "ENOSYS"]);
          else expect([name, found]).toEqual([name, "allow"]); // with all arguments 0
          expect(steps).toBeLessThan(25);
        }
      }
    }
  });

  test("stays within the program for any call", () => {
    const call = fc.record({
      number: fc.nat(0xffffffff),
      audit: fc.constantFrom(0xc000003e, 0x40000003, 7),
      args: fc.array(fc.bigInt(0n, (1n << 64n) - 1n), { maxLength: 6 }),
    });
    fc.assert(fc.property(call, (one) => ["allow", "EPERM", "ENOSYS"].includes(runFilter(x64, one).verdict)));
  });
});

describe("branch()", () => {
  test.each([1, 255, 256, 1000])("jumps over %i instructions", (length) => {
    const long = [...Array.from({ length: length - 1 }, () => load(0)), ret(1)];
    const filter = assemble([load(0), ...branch(EQUAL, 7, long, [ret(2)])]);
    expect(runFilter(filter, { number: 7, audit: 0 }).verdict).toBe("0x1");
    expect(runFilter(filter, { number: 8, audit: 0 }).verdict).toBe("0x2");
  });
});

describe("the profile", () => {
  test("names only calls that some architecture has, or that only others have", () => {
    const elsewhere = ["fstatat64", "riscv_hwprobe", "epoll_ctl_old", "epoll_wait_old"];
    const known = new Set([...elsewhere, ...Object.values(tables).flatMap(({ numbers }) => [...numbers.keys()])]);
    expect(DEFAULT_PROFILE.flatMap(({ names }) => names).filter((name) => !known.has(name))).toEqual([
      "sync_file_range2",
    ]);
  });
});
