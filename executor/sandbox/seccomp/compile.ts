// The profile's rules as a BPF program: a binary search on the system call's number for each architecture.

import * as bpf from "./bpf.js";
import type { Instruction } from "./bpf.js";
import type { ArgumentTest, Rule } from "./profile.js";
import type { SyscallTable } from "./syscalls.js";

const EPERM = 1;
const ENOSYS = 38;
/** Set in the numbers of x32, an interface of x86-64 that almost no kernel has. */
const X32_BIT = 0x40000000;

/** Numbers from `first` up to the next segment share one verdict. */
interface Segment {
  readonly first: number;
  readonly body: readonly Instruction[];
}

/**
 * Calls that no rule allows fail with EPERM; numbers that no table has, such as calls newer than it, with ENOSYS, so that
 * programs use what they used before. Other architectures than the tables' may call nothing.
 */
export function compileFilter(rules: readonly Rule[], tables: readonly SyscallTable[]): Buffer {
  return compileCalls((table) => verdictsByName(rules, table), { other: DENY, unknown: UNKNOWN }, tables);
}

/** What is done with calls. All end with a return. */
export type Bodies = ReadonlyMap<string, readonly Instruction[]>;

interface Others {
  /** With calls that have no body. */
  readonly other: readonly Instruction[];
  /** With numbers that no table has. */
  readonly unknown: readonly Instruction[];
}

/** A filter of a body for each call's name. Other architectures than the tables' may call nothing. */
export function compileCalls(
  bodiesOf: (table: SyscallTable) => Bodies,
  others: Others,
  tables: readonly SyscallTable[],
): Buffer {
  let program: Instruction[] = [bpf.ret(bpf.errnoVerdict(EPERM))];
  for (const table of [...tables].reverse())
    program = bpf.branch(bpf.EQUAL, table.audit, forArchitecture(bodiesOf(table), others, table), program);
  return bpf.assemble([bpf.load(bpf.ARCHITECTURE_OFFSET), ...program]);
}

function forArchitecture(bodies: Bodies, others: Others, table: SyscallTable): Instruction[] {
  const search = searchTree(segments(bodies, others, table));
  const own =
    table.architecture === "x86_64"
      ? bpf.branch(bpf.AT_LEAST, X32_BIT, [bpf.ret(bpf.errnoVerdict(ENOSYS))], search)
      : search;
  return [bpf.load(bpf.NUMBER_OFFSET), ...own];
}

function searchTree(list: readonly Segment[]): readonly Instruction[] {
  if (list.length === 1) return list[0]!.body;
  const middle = list.length >> 1;
  return bpf.branch(
    bpf.AT_LEAST,
    list[middle]!.first,
    searchTree(list.slice(middle)),
    searchTree(list.slice(0, middle)),
  );
}

function segments(bodies: Bodies, { other, unknown }: Others, table: SyscallTable): Segment[] {
  const byNumber = new Map([...table.numbers].map(([name, number]) => [number, bodies.get(name) ?? other]));
  const end = Math.max(...byNumber.keys());
  const list: Segment[] = [];
  let before: readonly Instruction[] | undefined;
  const add = (first: number, body: readonly Instruction[]): void => {
    if (body !== before) list.push({ first, body });
    before = body;
  };
  let expected = 0;
  for (const number of [...byNumber.keys()].sort((a, b) => a - b)) {
    if (number > expected) add(expected, unknown);
    add(number, byNumber.get(number)!);
    expected = number + 1;
  }
  add(end + 1, unknown);
  return list;
}

const ALLOWED: readonly Instruction[] = [bpf.ret(bpf.ALLOW)];
const DENY: readonly Instruction[] = [bpf.ret(bpf.errnoVerdict(EPERM))];
const UNKNOWN: readonly Instruction[] = [bpf.ret(bpf.errnoVerdict(ENOSYS))];

function verdictsByName(rules: readonly Rule[], table: SyscallTable): Map<string, readonly Instruction[]> {
  const verdicts = new Map<string, readonly Instruction[]>();
  for (const rule of rules) {
    if (rule.architectures && !rule.architectures.includes(table.architecture)) continue;
    for (const name of rule.names) if (!verdicts.has(name)) verdicts.set(name, verdict(rule));
  }
  return verdicts;
}

function verdict(rule: Rule): readonly Instruction[] {
  if (rule.errno !== undefined) return [bpf.ret(bpf.errnoVerdict(rule.errno))];
  return rule.when ? testArgument(rule.when) : ALLOWED;
}

/** Allows the call when one of the tests holds. They look at the same argument, and all at 64 bits of it. */
function testArgument(tests: readonly ArgumentTest[]): Instruction[] {
  const [{ index }] = tests as [ArgumentTest];
  if (tests.some((test) => test.index !== index)) throw new Error("the tests of one rule look at different arguments");
  const low = [
    bpf.load(bpf.lowWord(index)),
    ...tests.reduceRight<readonly Instruction[]>((rest, test) => compareLow(test, rest), DENY),
  ];
  if (tests.every((test) => "clear" in test)) return low; // a mask has no high bits
  return [bpf.load(bpf.highWord(index)), ...bpf.branch(bpf.EQUAL, 0, low, DENY)];
}

function compareLow(test: ArgumentTest, otherwise: readonly Instruction[]): Instruction[] {
  if ("clear" in test) return bpf.branch(bpf.ANY_BIT, test.clear, otherwise, ALLOWED);
  if ("below" in test) return bpf.branch(bpf.AT_LEAST, test.below, otherwise, ALLOWED);
  return bpf.branch(bpf.EQUAL, test.equals, ALLOWED, otherwise);
}
