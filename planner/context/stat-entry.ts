// What lstat says of a file, as an entry of a context: owner 0:0 whoever owns it (S-089).

import { type BigIntStats, constants } from "node:fs";
import { deviceOf, type Entry, type EntryType } from "../../filesystem/index.js";
import { type Digest, sha256 } from "../../oci/index.js";

const SECOND = 1_000_000_000;
const SECOND_BIG = BigInt(SECOND);
const EMPTY: Digest = sha256("");

/** A socket is an empty file (S-100). */
const TYPES: ReadonlyMap<number, EntryType> = new Map([
  [constants.S_IFREG, "file"],
  [constants.S_IFSOCK, "file"],
  [constants.S_IFDIR, "directory"],
  [constants.S_IFLNK, "symlink"],
  [constants.S_IFIFO, "fifo"],
  [constants.S_IFCHR, "character"],
  [constants.S_IFBLK, "block"],
]);

/** `stat` with all that lstat does not say: a symlink's target, and the digest of a file that is not empty. */
export function entryOf(
  path: string,
  stat: BigIntStats,
  more?: Pick<Entry, "digest" | "target" | "hardlink" | "xattrs">,
): Entry {
  const mode = Number(stat.mode);
  const type = typeOf(mode);
  const size = type === "file" ? Number(stat.size) : 0;
  const { mtime, mtimeNs } = timeOf(stat.mtimeNs);
  const entry = { path, type, mode: mode & 0o7777, uid: 0, gid: 0, size, mtime, mtimeNs };
  if (type === "character" || type === "block") return { ...entry, device: deviceOf(stat.rdev) };
  if (type === "file" && size === 0) return { ...entry, digest: EMPTY, ...more };
  return more ? Object.assign(entry, more) : entry;
}

export function typeOf(mode: number): EntryType {
  return TYPES.get(mode & constants.S_IFMT)!;
}

/** Fractions count upwards from the whole second before. */
function timeOf(nanoseconds: bigint): Pick<Entry, "mtime" | "mtimeNs"> {
  const seconds = Number(nanoseconds / SECOND_BIG);
  const rest = Number(nanoseconds % SECOND_BIG);
  return rest < 0 ? { mtime: seconds - 1, mtimeNs: rest + SECOND } : { mtime: seconds, mtimeNs: rest };
}
