// The 512-byte header block of a member, as POSIX (ustar), GNU and the oldest tars write it.
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06

import { decodeName } from "../path-bytes.js";
import { badArchive } from "./error.js";
import { readNumber, writeOctal } from "./number.js";

export const BLOCK = 512;

/** Where each field begins, and its length. */
export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const;

/** A header block, before the extended headers in front of it are applied. */
export interface Header {
  readonly name: string;
  readonly linkname: string;
  /** The type flag: `0` a file, `5` a directory, … */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
}

const CHECKSUM = FIELD.checksum;

type NumberField = "mode" | "uid" | "gid" | "size" | "mtime" | "major" | "minor";

/** @throws bad_archive when the checksum or a number is wrong. */
export function parseHeader(block: Buffer): Header {
  checkSum(block);
  const magic = block.toString("latin1", 257, 263);
  const isPosix = magic === "ustar\0";
  const hasDevices = isPosix || magic === "ustar ";
  const prefix = isPosix ? text(block, "prefix") : "";
  const name = text(block, "name");
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkname: text(block, "linkname"),
    type: block[156] === 0 ? "0" : String.fromCharCode(block[156]!),
    mode: number(block, "mode") & 0o7777,
    uid: number(block, "uid"),
    gid: number(block, "gid"),
    size: number(block, "size"),
    mtime: number(block, "mtime"),
    major: hasDevices ? number(block, "major") : 0,
    minor: hasDevices ? number(block, "minor") : 0,
  };
}

/** The sum of all bytes, those of the checksum itself taken as spaces. */
export function sumOf(block: Uint8Array, at = 0): number {
  let sum = 8 * 0x20;
  for (let index = at; index < at + BLOCK; index++) sum += block[index]!;
  for (let index = at + 148; index < at + 156; index++) sum -= block[index]!;
  return sum;
}

export function writeSum(block: Uint8Array, at: number): void {
  writeOctal(block, at + 148, 7, sumOf(block, at));
  block[at + 155] = 0x20;
}

/** True for a block that can be a header: its checksum is right. */
export function hasRightSum(block: Buffer): boolean {
  const found = readNumber(block, ...CHECKSUM);
  return found !== undefined && (found === sumOf(block) || found === signedSumOf(block));
}

function checkSum(block: Buffer): void {
  if (hasRightSum(block)) return;
  const found = readNumber(block, ...CHECKSUM) ?? "no number";
  throw badArchive(`expected a header with checksum ${sumOf(block)}, found ${found}`);
}

/** Some old tars added signed bytes. */
function signedSumOf(block: Buffer): number {
  return (
    sumOf(block) -
    256 * block.reduce((count, byte, index) => count + (byte > 127 && (index < 148 || index > 155) ? 1 : 0), 0)
  );
}

function number(block: Buffer, field: NumberField): number {
  const [at, length] = FIELD[field];
  const value = readNumber(block, at, length);
  if (value === undefined) throw badArchive(`the ${field} of member "${text(block, "name")}" is no number`);
  return value;
}

function text(block: Buffer, field: "name" | "linkname" | "prefix"): string {
  const [at, length] = FIELD[field];
  const end = block.indexOf(0, at);
  return decodeName(block.subarray(at, end < 0 || end > at + length ? at + length : end));
}
