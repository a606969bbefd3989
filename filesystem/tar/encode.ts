// Headers of the tars that tsbuild writes: ustar, and a PAX header in front where ustar cannot say it. Equal entries
// are equal bytes: no user names, no access times, records sorted.

import type { Entry, EntryType } from "../entry.js";
import { encodeName, nameOf } from "../path-bytes.js";
import { BLOCK, FIELD, writeSum } from "./header.js";
import { writeOctal } from "./number.js";
import { encodePax } from "./pax.js";
import { formatTime } from "./time.js";
import { xattrKey } from "./xattr-key.js";

const MAX_ID = 0o7777777;
const MAX_SIZE = 0o77777777777;
const NAME_BYTES = 100;
const ASCII = /^[\0-\x7f]*$/;
const TYPE_FLAGS: Record<EntryType, string> = {
  file: "0",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};
const TEMPLATE = template();

/** The last bytes of an archive. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

/** Bytes of `size` bytes of content, filled up to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** A whole member: headers, content and padding. */
export function tarMember(entry: Entry, content: Uint8Array): Buffer {
  const header = Buffer.alloc(BLOCK);
  writeHeader(header, 0, entry);
  const padding = Buffer.alloc(padded(content.length) - content.length);
  return Buffer.concat([paxHeader(entry) ?? Buffer.alloc(0), header, content, padding]);
}

/** The PAX header that must stand before the entry's own, when there is one. */
export function paxHeader(entry: Entry): Buffer | undefined {
  const records = recordsOf(entry);
  if (records.size === 0) return undefined;
  const content = encodePax(records);
  const bytes = Buffer.alloc(BLOCK + padded(content.length));
  const path = `PaxHeaders/${nameOf(entry.path)}`;
  writeFields(bytes, 0, { path, mode: 0o644, uid: 0, gid: 0, mtime: 0 }, content.length, "x");
  writeSum(bytes, 0);
  content.copy(bytes, BLOCK);
  return bytes;
}

/** Writes the header block of an entry. What does not fit is cut: `paxHeader` has it whole. */
export function writeHeader(block: Buffer, at: number, entry: Entry): void {
  const isLink = entry.hardlink !== undefined;
  const target = entry.hardlink ?? entry.target;
  const named = entry.type === "directory" ? { ...entry, path: spelling(entry) } : entry;
  writeFields(block, at, named, isLink ? 0 : entry.size, isLink ? "1" : TYPE_FLAGS[entry.type]);
  if (target !== undefined) writeText(block, at + FIELD.linkname[0], target);
  if (entry.device && !isLink) {
    writeOctal(block, at + FIELD.major[0], 8, entry.device.major);
    writeOctal(block, at + FIELD.minor[0], 8, entry.device.minor);
  }
  writeSum(block, at);
}

function writeFields(
  block: Buffer,
  at: number,
  entry: Pick<Entry, "path" | "mode" | "uid" | "gid" | "mtime">,
  size: number,
  type: string,
): void {
  TEMPLATE.copy(block, at);
  writeText(block, at, entry.path);
  writeOctal(block, at + FIELD.mode[0], 8, entry.mode);
  writeOctal(block, at + FIELD.uid[0], 8, entry.uid > MAX_ID ? 0 : entry.uid);
  writeOctal(block, at + FIELD.gid[0], 8, entry.gid > MAX_ID ? 0 : entry.gid);
  writeOctal(block, at + FIELD.size[0], 12, size > MAX_SIZE ? 0 : size);
  writeOctal(block, at + FIELD.mtime[0], 12, Math.min(Math.max(entry.mtime, 0), MAX_SIZE));
  block[at + FIELD.type[0]] = type.charCodeAt(0);
}

function recordsOf(entry: Entry): Map<string, string | Uint8Array> {
  const records = new Map<string, string | Uint8Array>();
  const isLink = entry.hardlink !== undefined;
  const path = spelling(entry);
  const target = entry.hardlink ?? entry.target ?? "";
  if (!fits(path)) records.set("path", path);
  if (!fits(target)) records.set("linkpath", target);
  if (entry.uid > MAX_ID) records.set("uid", String(entry.uid));
  if (entry.gid > MAX_ID) records.set("gid", String(entry.gid));
  if (entry.size > MAX_SIZE && !isLink) records.set("size", String(entry.size));
  if (entry.mtimeNs !== 0 || entry.mtime < 0 || entry.mtime > MAX_SIZE) records.set("mtime", formatTime(entry));
  if (entry.xattrs && !isLink) for (const [name, value] of entry.xattrs) records.set(xattrKey(name), value);
  return records;
}

/** Directories end in "/"; the root is "./". */
function spelling({ path, type }: Entry): string {
  if (type !== "directory") return path;
  return path === "" ? "./" : `${path}/`;
}

function fits(text: string): boolean {
  return text.length <= NAME_BYTES && ASCII.test(text);
}

function writeText(block: Buffer, at: number, text: string): void {
  if (text.length <= NAME_BYTES && ASCII.test(text)) block.write(text, at, NAME_BYTES, "latin1");
  else encodeName(text).copy(block, at, 0, NAME_BYTES);
}

function template(): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write("ustar\x0000", FIELD.magic[0], "latin1");
  writeOctal(block, FIELD.major[0], 8, 0);
  writeOctal(block, FIELD.minor[0], 8, 0);
  return block;
}
