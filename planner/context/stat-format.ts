// The bytes of a stat index, in the byte order of the machine, which the file never leaves:
//
//   magic          16 bytes
//   count           8 bytes: number of records, as floating point
//   numbers        40 bytes for each record: size, mtime and ctime in nanoseconds since the epoch, inode, mode, as floating point
//   digests        32 bytes for each record
//   paths          with a NUL after each
//   checksum        8 bytes: xxh64 of all before

import xxhash from "xxhash-wasm";
import { decodeName, encodeName } from "../../filesystem/index.js";
import { NUMBERS, StatTable } from "./stat-table.js";

const MAGIC = Buffer.from("tsbuild-stat-v1\n");
const HEADER_BYTES = MAGIC.length + 8;
const RECORD_BYTES = NUMBERS * 8;
const DIGEST_BYTES = 32;
const CHECKSUM_BYTES = 8;
/** xxhash-wasm is many times slower on larger pieces. */
const PIECE_BYTES = 65536;

export async function encodeStatTable({ columns }: StatTable): Promise<Buffer> {
  const { paths, numbers, digests } = columns;
  const count = bytesOf(Float64Array.of(paths.length));
  const names = encodeName(paths.map((path) => `${path}\0`).join(""));
  const body = Buffer.concat([MAGIC, count, bytesOf(numbers), Buffer.from(digests, "hex"), names]);
  return Buffer.concat([body, await checksum(body)]);
}

/** Undefined for anything but the bytes that `encodeStatTable` made. */
export async function decodeStatTable(bytes: Buffer): Promise<StatTable | undefined> {
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!bytes.subarray(-CHECKSUM_BYTES).equals(await checksum(body))) return undefined;
  const count = numbersOf(body.subarray(MAGIC.length, HEADER_BYTES))[0]!;
  const numbersEnd = HEADER_BYTES + count * RECORD_BYTES;
  const digestsEnd = numbersEnd + count * DIGEST_BYTES;
  return new StatTable({
    paths: decodeName(body.subarray(digestsEnd)).split("\0").slice(0, count),
    numbers: numbersOf(body.subarray(HEADER_BYTES, numbersEnd)),
    digests: body.toString("hex", numbersEnd, digestsEnd),
  });
}

/** A copy, because bytes of a file may begin where numbers cannot. */
function numbersOf(bytes: Buffer): Float64Array {
  return new Float64Array(new Uint8Array(bytes).buffer);
}

function bytesOf(numbers: Float64Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

async function checksum(bytes: Buffer): Promise<Buffer> {
  const hash = (await xxhash()).create64();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) hash.update(bytes.subarray(at, at + PIECE_BYTES));
  const result = Buffer.alloc(CHECKSUM_BYTES);
  result.writeBigUInt64LE(hash.digest());
  return result;
}
