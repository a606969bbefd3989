// PAX extended headers: records `<length> <key>=<value>\n`, where the length counts the whole record.
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03

import { decodeName, encodeName } from "../path-bytes.js";
import { badArchive } from "./error.js";

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/** A key may come more than once (GNU's sparse maps do that); the last one counts. */
export type PaxRecord = readonly [key: string, value: Buffer];

/** @throws bad_archive */
export function parsePax(bytes: Buffer): PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(SPACE, at);
    const length = space < 0 ? 0 : lengthIn(bytes.toString("latin1", at, space));
    const end = at + length;
    const equals = bytes.indexOf(EQUALS, space);
    if (equals < 0 || equals >= end || end > bytes.length || bytes[end - 1] !== NEWLINE) {
      throw badArchive(`expected a PAX record, found "${bytes.toString("latin1", at, at + 40)}"`);
    }
    records.push([decodeName(bytes.subarray(space + 1, equals)), bytes.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** The records sorted by key, so that equal records are equal bytes. */
export function encodePax(records: ReadonlyMap<string, string | Uint8Array>): Buffer {
  const keys = [...records.keys()].sort();
  return Buffer.concat(keys.map((key) => encodeRecord(key, records.get(key)!)));
}

function lengthIn(digits: string): number {
  return /^[1-9]\d{0,9}$/.test(digits) ? Number(digits) : 0;
}

function encodeRecord(key: string, value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? encodeName(value) : value;
  const name = encodeName(key);
  const rest = name.length + bytes.length + 3;
  let length = rest + 1;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} `), name, Buffer.from("="), bytes, Buffer.from("\n")]);
}
