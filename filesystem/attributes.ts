// Owner, mode, time and xattrs of files that were just made.

import { chmodSync, lchownSync } from "node:fs";
import type { Entry } from "./entry.js";
import { setTimes } from "./node.js";
import { hostPath } from "./path-bytes.js";
import { canHaveRecord, isRoots, recordOwner } from "./recorded-owner.js";
import { isStorageXattr, isUnsupported, setXattr } from "./xattr.js";

export interface Attributes {
  /** @default "set" */
  readonly ownership?: "set" | "record";
  /** @default false */
  readonly userxattr?: boolean;
  /** Whether overlayfs must not look below the directory. @default false */
  readonly isOpaque?: boolean;
}

/**
 * Makes the file at `place` look like `entry`. The order matters: chown clears setuid bits and capabilities, and the
 * rest must not change the times (S-097).
 */
export function setAttributes(place: string, entry: Entry, options: Attributes): void {
  const path = hostPath(place);
  if (options.ownership !== "record") lchownSync(path, entry.uid, entry.gid);
  else if (!isRoots(entry) && canHaveRecord(entry.type)) recordOwner(place, entry); // while the file may be written to
  if (entry.type !== "symlink") chmodSync(path, entry.mode);
  setTimes(place, entry.mtime, entry.mtimeNs);
  for (const [name, value] of entry.xattrs ?? []) if (!isStorageXattr(name)) setIfAllowed(place, name, value, options);
  if (options.isOpaque) setXattr(place, options.userxattr ? "user.overlay.opaque" : "trusted.overlay.opaque", OPAQUE);
}

const OPAQUE = Buffer.from("y");
/** Where the filesystem knows no such attributes, the index still has them. */
function setIfAllowed(place: string, name: string, value: Uint8Array, { ownership }: Attributes): void {
  try {
    setXattr(place, name, value);
  } catch (error) {
    const isForbidden = ownership === "record" && (error as NodeJS.ErrnoException).code === "EPERM";
    if (!isForbidden && !isUnsupported(error)) throw error;
  }
}
