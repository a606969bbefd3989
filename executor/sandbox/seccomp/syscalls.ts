// Numbers of system calls by name, for the architectures that one machine runs.

import type { Architecture } from "./profile.js";
import { AARCH64 } from "./tables/aarch64.js";
import { ARM } from "./tables/arm.js";
import { I386 } from "./tables/i386.js";
import { X86_64 } from "./tables/x86_64.js";

export interface SyscallTable {
  readonly architecture: Architecture;
  /** AUDIT_ARCH_… of linux/audit.h, as a filter sees it. */
  readonly audit: number;
  readonly numbers: ReadonlyMap<string, number>;
}

const TABLES: Record<Architecture, { readonly audit: number; readonly names: string }> = {
  x86_64: { audit: 0xc000003e, names: X86_64 },
  i386: { audit: 0x40000003, names: I386 },
  aarch64: { audit: 0xc00000b7, names: AARCH64 },
  arm: { audit: 0x40000028, names: ARM },
};

/** The machine's own architecture first, then the 32-bit one that it can run too. Node's names for machines. */
export function architecturesOf(machine: string): readonly Architecture[] {
  if (machine === "x64") return ["x86_64", "i386"];
  if (machine === "arm64") return ["aarch64", "arm"];
  return [];
}

export function syscallTable(architecture: Architecture): SyscallTable {
  const { audit, names } = TABLES[architecture];
  const numbers = new Map<string, number>();
  let next = 0;
  for (const word of names.trim().split(/\s+/)) {
    if (word.startsWith("@")) next = Number(word.slice(1));
    else numbers.set(word, next++);
  }
  return { architecture, audit, numbers };
}
