// Classic BPF, the language of seccomp filters.
// https://docs.kernel.org/userspace-api/seccomp_filter.html

export interface Instruction {
  readonly code: number;
  readonly k: number;
  /** Instructions to skip when a comparison holds, and when not. */
  readonly jt: number;
  readonly jf: number;
}

export const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
export const JUMP = 0x05; // BPF_JMP | BPF_JA
export const EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
export const AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
export const ABOVE = 0x25; // BPF_JMP | BPF_JGT | BPF_K
export const ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
export const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
export const RETURN = 0x06; // BPF_RET | BPF_K

export const ALLOW = 0x7fff0000;
/** The call waits for the answer of another process. */
export const ASK = 0x7fc00000;
export const errnoVerdict = (errno: number): number => 0x00050000 | errno;

/** Offsets in struct seccomp_data, on little-endian machines. */
export const NUMBER_OFFSET = 0;
export const ARCHITECTURE_OFFSET = 4;
export const lowWord = (argument: number): number => 16 + 8 * argument;
export const highWord = (argument: number): number => lowWord(argument) + 4;

const MAX_SKIP = 255;
/** The kernel's limit for one filter. */
const MAX_INSTRUCTIONS = 4096;

export const load = (offset: number): Instruction => ({ code: LOAD, k: offset, jt: 0, jf: 0 });
export const ret = (verdict: number): Instruction => ({ code: RETURN, k: verdict, jt: 0, jf: 0 });

/** The bits of the loaded word that the mask has. */
export const and = (mask: number): Instruction => ({ code: AND, k: mask, jt: 0, jf: 0 });

/** `code` compares the loaded word with `k`: when it holds `then` runs, else `otherwise`. Both must end with a return. */
export function branch(
  code: number,
  k: number,
  then: readonly Instruction[],
  otherwise: readonly Instruction[],
): Instruction[] {
  if (then.length <= MAX_SKIP) return [{ code, k, jt: 0, jf: then.length }, ...then, ...otherwise];
  return [{ code, k, jt: 1, jf: 0 }, { code: JUMP, k: then.length, jt: 0, jf: 0 }, ...then, ...otherwise];
}

/** The filter as `struct sock_filter[]`. */
export function assemble(instructions: readonly Instruction[]): Buffer {
  if (instructions.length > MAX_INSTRUCTIONS)
    throw new Error(`a filter of ${instructions.length} instructions is too long`);
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  });
  return bytes;
}
