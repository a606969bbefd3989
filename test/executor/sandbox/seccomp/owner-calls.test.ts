// The filter of steps with one id (features 1.14).

import { describe, expect, test } from "vitest";
import { ownerFilter } from "../../../../executor/sandbox/seccomp/index.js";
import { architecturesOf, syscallTable } from "../../../../executor/sandbox/seccomp/syscalls.js";
import { runFilter } from "./interpreter.js";

const [own, narrow] = architecturesOf(process.arch).map(syscallTable);

function verdict({ audit, numbers }: typeof own & object, name: string): string {
  return runFilter(ownerFilter(), { number: numbers.get(name)!, audit }).verdict;
}

describe("ownerFilter()", () => {
  test.each(["fchownat", "fchown", "newfstatat", "fstat", "statx", "chroot", "setgroups"])("asks about %s", (name) => {
    expect(verdict(own!, name)).toBe("0x7fc00000");
  });

  test.each(["openat", "read", "execve", "getpid"])("lets %s pass", (name) => {
    expect(verdict(own!, name)).toBe("allow");
  });

  test("asks 32-bit programs about chown, and not about stat, whose structure is another one", () => {
    expect(verdict(narrow!, "chown32")).toBe("0x7fc00000");
    expect(verdict(narrow!, "stat")).toBe("allow");
  });
});
