// Owners and capabilities of files on a disk that cannot have them, because one user's id is all there is. An owner other than
// root is in the attribute `user.tsbuild.owner`, as `UID:GID`, which goes with a file through renames and copies of overlayfs;
// the launcher's keeper of owners writes it too. man 7 capabilities (File capability extended attribute versioning)

import type { Entry, EntryType } from "./entry.js";
import { isUnsupported, setXattr, type Xattrs } from "./xattr.js";

export type Owner = Pick<Entry, "uid" | "gid">;

const CAPABILITY = "security.capability";
/** Of version 3, which a user namespace writes: the second one and the id of the namespace's root. */
const VERSION_2 = 0x02;
const VERSION_3 = 0x03;
const VERSION_2_BYTES = 20;

const OWNER = "user.tsbuild.owner";

/** Others can have no attributes of users. */
export const canHaveRecord = (type: EntryType): boolean => type === "file" || type === "directory";

/** The owner in a file's attributes; undefined when there is none. */
export function recordedOwner(xattrs: Xattrs | undefined): Owner | undefined {
  const value = xattrs?.get(OWNER);
  const [, uid, gid] = value ? (/^(\d+):(\d+)$/.exec(Buffer.from(value).toString("latin1")) ?? []) : [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Keeps the owner of a file or directory that this user may write to.
 * @returns false where the filesystem has no attributes of users: then the index alone has the owner
 */
export function recordOwner(place: string, { uid, gid }: Owner): boolean {
  try {
    setXattr(place, OWNER, Buffer.from(`${uid}:${gid}`));
    return true;
  } catch (error) {
    if (isUnsupported(error)) return false;
    throw error;
  }
}

export const isRoots = ({ uid, gid }: Owner): boolean => uid === 0 && gid === 0;

/** @param below what the layers below have there */
export function withOwner(entry: Entry, { uid, gid }: Owner, below: Entry | undefined): Entry {
  const { xattrs: _, ...rest } = entry;
  const xattrs = withCapability(entry, below?.type === entry.type ? below : undefined);
  return { ...rest, uid, gid, ...(xattrs && { xattrs }) };
}

/** A capability of a lower layer is not on the disk: a file that was not written to still has it. */
function withCapability({ xattrs, mtime, mtimeNs }: Entry, known: Entry | undefined): Xattrs | undefined {
  const own = xattrs?.get(CAPABILITY);
  if (own) return new Map([...xattrs!, [CAPABILITY, asVersion2(own)]]);
  const below = known?.xattrs?.get(CAPABILITY);
  const isUntouched = known?.mtime === mtime && known.mtimeNs === mtimeNs;
  return below && isUntouched
    ? new Map([...(xattrs ?? []), [CAPABILITY, below]].sort() as [string, Uint8Array][])
    : xattrs;
}

function asVersion2(value: Uint8Array): Uint8Array {
  if (value[3] !== VERSION_3) return value;
  const bytes = Buffer.from(value.subarray(0, VERSION_2_BYTES));
  bytes[3] = VERSION_2;
  return bytes;
}
