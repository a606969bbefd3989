// Runs a classic BPF program as the kernel runs a seccomp filter.

import * as bpf from "../../../../executor/sandbox/seccomp/bpf.js";

export interface SystemCall {
  readonly number: number;
  /** AUDIT_ARCH_… */
  readonly audit: number;
  readonly args?: readonly bigint[];
}

export type Verdict = "allow" | "EPERM" | "ENOSYS" | `0x${string}`;

const VERDICTS = new Map<number, Verdict>([
  [bpf.ALLOW, "allow"],
  [bpf.errnoVerdict(1), "EPERM"],
  [bpf.errnoVerdict(38), "ENOSYS"],
]);

/** @throws for a jump out of the program, or an instruction that seccomp does not take */
export function runFilter(filter: Uint8Array, call: SystemCall): { readonly verdict: Verdict; readonly steps: number } {
  const code = Buffer.from(filter);
  const data = seccompData(call);
  let accumulator = 0;
  for (let at = 0, steps = 1; ; at++, steps++) {
    const [operation, jt, jf, k] = [
      code.readUInt16LE(at * 8),
      code.readUInt8(at * 8 + 2),
      code.readUInt8(at * 8 + 3),
      code.readUInt32LE(at * 8 + 4),
    ];
    if (operation === bpf.RETURN) return { verdict: VERDICTS.get(k) ?? `0x${k.toString(16)}`, steps };
    if (operation === bpf.LOAD) accumulator = data.readUInt32LE(k);
    else if (operation === bpf.AND) accumulator = (accumulator & k) >>> 0;
    else if (operation === bpf.JUMP) at += k;
    else at += holds(operation, accumulator, k) ? jt : jf;
  }
}

function holds(operation: number, accumulator: number, k: number): boolean {
  if (operation === bpf.EQUAL) return accumulator === k;
  if (operation === bpf.AT_LEAST) return accumulator >= k;
  if (operation === bpf.ABOVE) return accumulator > k;
  if (operation === bpf.ANY_BIT) return (accumulator & k) !== 0;
  throw new Error(`unexpected instruction 0x${operation.toString(16)}`);
}

function seccompData({ number, audit, args = [] }: SystemCall): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, bpf.NUMBER_OFFSET);
  data.writeUInt32LE(audit, bpf.ARCHITECTURE_OFFSET);
  args.forEach((value, index) => data.writeBigUInt64LE(value, bpf.lowWord(index)));
  return data;
}
