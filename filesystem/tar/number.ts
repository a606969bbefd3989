// Numbers in header fields: octal digits, or GNU's base-256 when the first bit is set.
// https://www.gnu.org/software/tar/manual/html_node/Standard.html

const SPACE = 0x20;
const ZERO = 0x30;

/** The number in a field; 0 for an empty one; undefined for anything that is no number. */
export function readNumber(block: Uint8Array, at: number, length: number): number | undefined {
  if (block[at]! & 0x80) return readBase256(block.subarray(at, at + length));
  let index = at;
  const end = at + length;
  while (index < end && block[index] === SPACE) index += 1;
  let value = 0;
  for (; index < end; index++) {
    const digit = block[index]! - ZERO;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  const rest = block[index];
  return index === end || rest === 0 || rest === SPACE ? value : undefined;
}

/** Writes octal digits and a NUL. `value` must fit: at most 8 ** (length - 1) - 1. */
export function writeOctal(block: Uint8Array, at: number, length: number, value: number): void {
  let rest = value;
  for (let index = at + length - 2; index >= at; index--) {
    block[index] = ZERO + (rest % 8);
    rest = Math.floor(rest / 8);
  }
  block[at + length - 1] = 0;
}

/** Two's complement, big-endian; the first bit is only the mark. */
function readBase256(bytes: Uint8Array): number | undefined {
  const negative = (bytes[0]! & 0x40) !== 0;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  value = BigInt.asIntN(bytes.length * 8 - 1, value);
  const number = Number(value);
  return Number.isSafeInteger(number) && number < 0 === negative ? number : undefined;
}
