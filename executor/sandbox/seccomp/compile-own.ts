// A user's own profile as a BPF program. For each call the rules with arguments are tried in their order, then those without.

import * as bpf from "./bpf.js";
import type { Instruction } from "./bpf.js";
import { compileCalls } from "./compile.js";
import type { Action, OwnArgument, OwnProfile, OwnRule } from "./own-profile.js";
import type { SyscallTable } from "./syscalls.js";

const ENOSYS = 38;

const VERDICTS: Readonly<Record<Exclude<Action, "SCMP_ACT_ERRNO">, number>> = {
  SCMP_ACT_ALLOW: bpf.ALLOW,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_LOG: 0x7ffc0000,
};

/** As `compileFilter()`: where calls fail by default, those that no table has fail with ENOSYS. */
export function compileOwnFilter(profile: OwnProfile, tables: readonly SyscallTable[]): Buffer {
  const other = returns(verdictOf(profile));
  const unknown = profile.action === "SCMP_ACT_ERRNO" ? returns(bpf.errnoVerdict(ENOSYS)) : other;
  const byName = rulesByName(profile.rules);
  const bodies = new Map([...byName].map(([name, rules]) => [name, bodyOf(rules, other)]));
  return compileCalls(() => bodies, { other, unknown }, tables);
}

function rulesByName(rules: readonly OwnRule[]): Map<string, OwnRule[]> {
  const byName = new Map<string, OwnRule[]>();
  for (const rule of rules) for (const name of rule.names) byName.set(name, [...(byName.get(name) ?? []), rule]);
  return byName;
}

const answers = new Map<number, readonly Instruction[]>();

/** One list for one verdict: neighbours that share it are one step of the search. */
function returns(verdict: number): readonly Instruction[] {
  const list = answers.get(verdict) ?? [bpf.ret(verdict)];
  answers.set(verdict, list);
  return list;
}

function bodyOf(rules: readonly OwnRule[], other: readonly Instruction[]): readonly Instruction[] {
  const always = rules.find(({ tests }) => tests.length === 0);
  const tested = rules.filter(({ tests }) => tests.length > 0).flatMap(testedRule);
  const last = always ? returns(verdictOf(always)) : other;
  return tested.length === 0 ? last : [...tested, ...last];
}

function verdictOf({ action, errno }: Pick<OwnRule, "action" | "errno">): number {
  return action === "SCMP_ACT_ERRNO" ? bpf.errnoVerdict(errno) : VERDICTS[action];
}

/** What a jump that leaves the rule is written as, until the rule's length is known. */
const LEAVE = -1;

function testedRule(rule: OwnRule): Instruction[] {
  const block = [...rule.tests.flatMap(test), bpf.ret(verdictOf(rule))];
  return block.map((one, at) => ({ ...one, jt: leaving(one.jt, block, at), jf: leaving(one.jf, block, at) }));
}

const leaving = (jump: number, block: readonly Instruction[], at: number): number =>
  jump === LEAVE ? block.length - at - 1 : jump;

/** Goes on behind itself when the test holds, and leaves the rule when not. Words of 32 bits are compared, the high one first. */
function test({ index, op, value, valueTwo }: OwnArgument): Instruction[] {
  const [high, low] = wordsOf(value);
  const [highLoad, lowLoad] = [bpf.load(bpf.highWord(index)), bpf.load(bpf.lowWord(index))];
  const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, k, jt, jf });
  switch (op) {
    case "SCMP_CMP_EQ":
      return [highLoad, jump(bpf.EQUAL, high, 0, LEAVE), lowLoad, jump(bpf.EQUAL, low, 0, LEAVE)];
    case "SCMP_CMP_NE":
      return [highLoad, jump(bpf.EQUAL, high, 0, 2), lowLoad, jump(bpf.EQUAL, low, LEAVE, 0)];
    case "SCMP_CMP_MASKED_EQ": {
      const [wantedHigh, wantedLow] = wordsOf(valueTwo);
      const masked = (load: Instruction, mask: number, wanted: number) => [
        load,
        bpf.and(mask),
        jump(bpf.EQUAL, wanted, 0, LEAVE),
      ];
      return [...masked(highLoad, high, wantedHigh), ...masked(lowLoad, low, wantedLow)];
    }
    case "SCMP_CMP_GE":
    case "SCMP_CMP_GT": {
      const code = op === "SCMP_CMP_GE" ? bpf.AT_LEAST : bpf.ABOVE;
      const above = [jump(bpf.ABOVE, high, 3, 0), jump(bpf.EQUAL, high, 0, LEAVE)];
      return [highLoad, ...above, lowLoad, jump(code, low, 0, LEAVE)];
    }
    case "SCMP_CMP_LT":
    case "SCMP_CMP_LE": {
      const code = op === "SCMP_CMP_LT" ? bpf.AT_LEAST : bpf.ABOVE;
      const below = [jump(bpf.ABOVE, high, LEAVE, 0), jump(bpf.EQUAL, high, 0, 2)];
      return [highLoad, ...below, lowLoad, jump(code, low, LEAVE, 0)];
    }
  }
}

function wordsOf(value: number): [high: number, low: number] {
  const whole = BigInt(value);
  return [Number((whole >> 32n) & 0xffffffffn), Number(whole & 0xffffffffn)];
}
