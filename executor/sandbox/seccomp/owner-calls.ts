// The filter beside the profile for steps with one id: calls that set or tell owners are answered by the launcher's keeper.
// man 2 seccomp_unotify

import * as bpf from "./bpf.js";
import type { Instruction } from "./bpf.js";
import { architecturesOf, type SyscallTable, syscallTable } from "./syscalls.js";

const CHANGE = ["chown", "lchown", "fchown", "fchownat", "chown32", "lchown32", "fchown32"];
const TELL = ["stat", "lstat", "fstat", "newfstatat", "statx"];

/** Of programs of 32 bits, whose structures for these are other ones. */
const NOT_TOLD = ["stat", "lstat", "fstat"];

let filter: Buffer | undefined;

/** `struct sock_filter[]`; all other calls are allowed by it. */
export function ownerFilter(): Uint8Array {
  return (filter ??= compile(architecturesOf(process.arch).map(syscallTable)));
}

/** After these, paths may mean other files than before. */
const CHANGE_ROOT = ["chroot", "pivot_root", "setns"];

/** Answered for apt alone: see keeper.c. */
const CHANGE_USER = ["getuid", "setgroups", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid"];

/** Names as an OCI runtime has them in `linux.seccomp`. */
export const OWNER_CALLS: readonly string[] = [...CHANGE, ...TELL, ...CHANGE_ROOT, ...CHANGE_USER];

function compile(tables: readonly SyscallTable[]): Buffer {
  let program: readonly Instruction[] = [bpf.ret(bpf.ALLOW)];
  for (const table of tables) program = bpf.branch(bpf.EQUAL, table.audit, forArchitecture(table), program);
  return bpf.assemble([bpf.load(bpf.ARCHITECTURE_OFFSET), ...program]);
}

function forArchitecture({ architecture, numbers }: SyscallTable): Instruction[] {
  const isNarrow = architecture === "i386" || architecture === "arm";
  const names = OWNER_CALLS.filter((name) => !isNarrow || !NOT_TOLD.includes(name));
  const own = names.flatMap((name) => numbers.get(name) ?? []);
  const tests = own.reduceRight<readonly Instruction[]>(
    (rest, number) => bpf.branch(bpf.EQUAL, number, [bpf.ret(bpf.ASK)], rest),
    [bpf.ret(bpf.ALLOW)],
  );
  return [bpf.load(bpf.NUMBER_OFFSET), ...tests];
}
