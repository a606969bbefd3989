// Files of the host as entries.

import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { Entry, EntryType } from "./entry.js";
import { deviceOf } from "./node.js";
import { decodeName, hostPath, isLossy } from "./path-bytes.js";
import type { Xattrs } from "./xattr.js";

const NANOSECONDS = 1_000_000_000n;

/** The names in a directory, sorted, whatever bytes they have. */
export function namesIn(directory: string): string[] {
  const path = hostPath(directory);
  const names = readdirSync(path);
  const exact = names.some(isLossy) ? readdirSync(path, "buffer").map((bytes) => decodeName(bytes)) : names;
  return exact.sort();
}

export function statOf(path: string): BigIntStats {
  return lstatSync(hostPath(path), { bigint: true });
}

/** The entry for the file at `place`, without digest; undefined for sockets, which no layer has (S-171). */
export function hostEntry(
  path: string,
  place: string,
  stat: BigIntStats,
  xattrs: Xattrs | undefined,
): Entry | undefined {
  const type = typeOf(stat);
  if (!type) return undefined;
  const seconds = stat.mtimeNs / NANOSECONDS - (stat.mtimeNs % NANOSECONDS < 0n ? 1n : 0n);
  return {
    path,
    type,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === "file" ? Number(stat.size) : 0,
    mtime: Number(seconds),
    mtimeNs: Number(stat.mtimeNs - seconds * NANOSECONDS),
    ...(type === "symlink" && { target: decodeName(readlinkSync(hostPath(place), "buffer")) }),
    ...((type === "character" || type === "block") && { device: deviceOf(stat.rdev) }),
    ...(xattrs && { xattrs }),
  };
}

function typeOf(stat: BigIntStats): EntryType | undefined {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isCharacterDevice()) return "character";
  if (stat.isBlockDevice()) return "block";
  return stat.isFIFO() ? "fifo" : undefined;
}
