// Whether a file in an overlay's upper directory still is what the layers below say of it.

import type { Entry } from "./entry.js";
import { portableXattrs, type Xattrs } from "./xattr.js";

/** Times that were set by way of Node's own call are off by less than this. */
const TOLERANCE_NS = 1000;

/** Mode, owner and xattrs: all that counts for a directory, whose time changes with what is in it. */
export function sameMetadata(a: Entry, b: Entry): boolean {
  return a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && sameXattrs(a.xattrs, b.xattrs);
}

/** Everything but the content of a file. */
export function sameFile(a: Entry, b: Entry): boolean {
  return sameMetadata(a, b) && a.size === b.size && sameTime(a, b) && a.target === b.target && sameDevice(a, b);
}

/** Whether the two have the same time, as far as disks keep it. */
export function sameTime(a: Entry, b: Entry): boolean {
  return a.mtime === b.mtime && Math.abs(a.mtimeNs - b.mtimeNs) < TOLERANCE_NS;
}

function sameDevice({ device: a }: Entry, { device: b }: Entry): boolean {
  return a?.major === b?.major && a?.minor === b?.minor;
}

function sameXattrs(a: Xattrs | undefined, b: Xattrs | undefined): boolean {
  const [first, second] = [portableXattrs(a), portableXattrs(b)];
  if (!first || !second) return first === second;
  return (
    first.size === second.size &&
    [...first].every(([name, value]) => Buffer.from(value).equals(second.get(name) ?? NOTHING))
  );
}

const NOTHING = Buffer.from("\0none");
