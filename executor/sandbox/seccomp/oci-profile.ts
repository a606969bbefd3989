// The profile as the OCI runtime specification has it, for crun, runc and others.
// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp

import type { Architecture, ArgumentTest, Rule } from "./profile.js";

export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly OciSyscalls[];
}

interface OciSyscalls {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly op: string;
    readonly value: number;
    readonly valueTwo?: number;
  }[];
}

const EPERM = 1;

const ARCHITECTURES: Record<Architecture, readonly string[]> = {
  x86_64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
  i386: ["SCMP_ARCH_X86"],
  aarch64: ["SCMP_ARCH_AARCH64"],
  arm: ["SCMP_ARCH_ARM"],
};

/** A runtime takes several entries for one call as alternatives, but the tests in one entry as all needed. */
export function ociSeccomp(rules: readonly Rule[], architectures: readonly Architecture[]): OciSeccomp {
  const own = rules.filter(
    (rule) => !rule.architectures || rule.architectures.some((name) => architectures.includes(name)),
  );
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    architectures: ociArchitectures(architectures),
    syscalls: own.flatMap(entries),
  };
}

export const ociArchitectures = (names: readonly Architecture[]): string[] =>
  names.flatMap((name) => ARCHITECTURES[name]);

function entries({ names, errno, when }: Rule): OciSyscalls[] {
  if (errno !== undefined) return [{ names, action: "SCMP_ACT_ERRNO", errnoRet: errno }];
  if (!when) return [{ names, action: "SCMP_ACT_ALLOW" }];
  return when.map((test) => ({ names, action: "SCMP_ACT_ALLOW", args: [argument(test)] }));
}

function argument(test: ArgumentTest) {
  const { index } = test;
  if ("clear" in test) return { index, op: "SCMP_CMP_MASKED_EQ", value: test.clear, valueTwo: 0 };
  if ("below" in test) return { index, op: "SCMP_CMP_LT", value: test.below };
  return { index, op: "SCMP_CMP_EQ", value: test.equals };
}
