// A member of an archive, as its header block and the extended headers before it describe it together.

import { LONGEST_IN_LAYER, shortPath } from "../deep-path.js";
import type { Entry, EntryType } from "../entry.js";
import { decodeName } from "../path-bytes.js";
import { badArchive } from "./error.js";
import type { Header } from "./header.js";
import type { PaxRecord } from "./pax.js";
import { parseTime, type Time } from "./time.js";
import { xattrOf } from "./xattr-key.js";

/**
 * An entry as the archive has it: a hard link has `hardlink`, the type `file` and no content, whatever it leads to. `offset`
 * is where the content begins in the archive; it is absent when that is not in one piece (sparse files).
 */
export type TarMember = Omit<Entry, "digest">;

/** What stood before a header block: PAX records (global ones first), and GNU's long names. */
export interface Extensions {
  readonly records: readonly PaxRecord[];
  readonly longName?: string;
  readonly longLink?: string;
}

const MAX_ID = 0xffffffff;
const LINK = "1";
const TYPES: Record<string, EntryType> = {
  "0": "file",
  "7": "file",
  S: "file",
  [LINK]: "file",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  D: "directory",
  "6": "fifo",
};

/** Bytes that are stored after the header block. */
export function dataSize(header: Header, records: readonly PaxRecord[]): number {
  if (!["0", "7", "S", "D"].includes(header.type)) return 0;
  const text = lastOf(records, "size");
  const size = text === undefined ? header.size : decimal("size", text);
  if (size < 0) throw badArchive(`the size of member "${header.name}" is negative`);
  return size;
}

/** The member, with the size that is stored. @throws bad_archive */
export function memberOf(header: Header, extensions: Extensions): TarMember {
  const { records } = extensions;
  const name = textOf(records, "GNU.sparse.name") ?? textOf(records, "path") ?? extensions.longName ?? header.name;
  const type = typeOf(header, name);
  const path = canonicalPath(name);
  if (path === "" && type !== "directory")
    throw badArchive(`expected a directory for the member "${name}", found a ${type}`);
  const link = textOf(records, "linkpath") ?? extensions.longLink ?? header.linkname;
  return {
    path,
    type,
    mode: header.mode,
    uid: idOf(header, records, "uid"),
    gid: idOf(header, records, "gid"),
    size: type === "file" ? dataSize(header, records) : 0,
    ...timeOf(header, records),
    ...(type === "symlink" && { target: link }),
    ...(header.type === LINK && { hardlink: canonicalPath(link) }),
    ...((type === "character" || type === "block") && { device: { major: header.major, minor: header.minor } }),
    ...xattrsOf(records),
  };
}

/** The value of the last record of this key; an empty value takes it back. */
export function lastOf(records: readonly PaxRecord[], key: string): string | undefined {
  const value = records.findLast(([name]) => name === key)?.[1];
  return value && value.length > 0 ? value.toString("latin1") : undefined;
}

function typeOf(header: Header, name: string): EntryType {
  const type = TYPES[header.type];
  if (type === undefined) throw badArchive(`member "${name}" has the unknown type "${header.type}"`);
  return type === "file" && name.endsWith("/") ? "directory" : type;
}

/** @throws bad_archive for "..": a member stays where it is written. */
function canonicalPath(name: string): string {
  const path = name.endsWith("/") ? name.slice(0, -1) : name;
  if (path.includes("\0")) throw badArchive("the name of a member has a NUL byte");
  if (path.length > LONGEST_IN_LAYER)
    throw badArchive(
      `expected at most ${LONGEST_IN_LAYER} characters in the path of a member, found "${shortPath(path)}"`,
    );
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return path;
  const names = path.split("/").filter((part) => part !== "" && part !== ".");
  if (names.includes("..")) throw badArchive(`expected a path inside the archive, found "${name}"`);
  return names.join("/");
}

function textOf(records: readonly PaxRecord[], key: string): string | undefined {
  const value = records.findLast(([name]) => name === key)?.[1];
  return value && value.length > 0 ? decodeName(value) : undefined;
}

function idOf(header: Header, records: readonly PaxRecord[], key: "uid" | "gid"): number {
  const text = lastOf(records, key);
  const id = text === undefined ? header[key] : decimal(key, text);
  if (id < 0 || id > MAX_ID)
    throw badArchive(`expected a ${key} from 0 to ${MAX_ID} for member "${header.name}", found ${id}`);
  return id;
}

function timeOf(header: Header, records: readonly PaxRecord[]): Time {
  const text = lastOf(records, "mtime");
  if (text === undefined) return { mtime: header.mtime, mtimeNs: 0 };
  const time = parseTime(text);
  if (!time) throw badArchive(`expected a time in a PAX record, found "${text}"`);
  return time;
}

function xattrsOf(records: readonly PaxRecord[]): Pick<TarMember, "xattrs"> {
  const xattrs = new Map<string, Uint8Array>();
  for (const [key, value] of records) {
    const found = xattrOf(key, value);
    if (found) xattrs.set(found.name, found.value);
  }
  return xattrs.size === 0 ? {} : { xattrs };
}

function decimal(key: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw badArchive(`expected a number for the PAX record "${key}", found "${text}"`);
  return Number(text);
}
