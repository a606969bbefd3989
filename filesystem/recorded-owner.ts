// Owners and capabilities of files on a disk that cannot have them, because one user's id is all there is.
// man 7 capabilities (File capability extended attribute versioning)

import type { Entry } from "./entry.js";
import type { Xattrs } from "./xattr.js";

const CAPABILITY = "security.capability";
/** Of version 3, which a user namespace writes: the second one and the id of the namespace's root. */
const VERSION_2 = 0x02;
const VERSION_3 = 0x03;
const VERSION_2_BYTES = 20;

/** @param below what the layers below have there */
export function withOwner(entry: Entry, owner: Pick<Entry, "uid" | "gid">, below: Entry | undefined): Entry {
  const known = below?.type === entry.type ? below : undefined;
  const { uid, gid } = known ?? owner;
  const { xattrs: _, ...rest } = entry;
  const xattrs = withCapability(entry, known);
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
