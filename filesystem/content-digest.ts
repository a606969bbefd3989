// Digests of content: of one file as its bytes pass by, and of what a layer says without times and places.

import { createHash, hash, type Hash } from "node:crypto";
import { type Digest, sha256 } from "../oci/index.js";
import type { Entry, LayerChange } from "./entry.js";

/**
 * sha256 over one line of canonical JSON for each change, in order: `[path, type, …]` as `canonical` has it. Times and
 * offsets are left out, so layers that mean the same are equal (S-189); a symlink counts by its target's text and a
 * hard link by its target's path (S-190). Bytes that are not UTF-8 are JSON escapes of their lone surrogates.
 */
export function contentDigest(changes: readonly LayerChange[]): Digest {
  const hasher = createHash("sha256");
  for (let at = 0; at < changes.length; at += BATCH) {
    let lines = "";
    const end = Math.min(at + BATCH, changes.length);
    for (let index = at; index < end; index++) lines += lineOf(changes[index]!);
    hasher.update(lines);
  }
  return `sha256:${hasher.digest("hex")}`;
}

/** sha256 over a line of JSON for each change whose time was set on purpose: `[path, seconds, nanoseconds]`. Undefined when none was. */
export function datesDigest(changes: readonly LayerChange[]): Digest | undefined {
  const dated = changes.filter((change): change is Entry => "isDated" in change);
  if (dated.length === 0) return undefined;
  return sha256(dated.map(({ path, mtime, mtimeNs }) => `${JSON.stringify([path, mtime, mtimeNs])}\n`).join(""));
}

/** What a layer says, with the times that were set in it. */
export function withDates(content: Digest, dates: Digest | undefined): Digest {
  return dates === undefined ? content : sha256(`${content} ${dates}`);
}

/** As an index has it. */
export function undated(change: LayerChange): LayerChange {
  if (!("isDated" in change)) return change;
  const { isDated: _, ...entry } = change;
  return entry;
}

/** The sha256 of a file whose size is known, read in pieces: one call for what comes in one piece. */
export class FileHasher {
  #size = 0;
  #whole: Digest | undefined;
  #hasher: Hash | undefined;

  begin(size: number): void {
    this.#size = size;
    this.#whole = undefined;
    this.#hasher = undefined;
  }

  update(bytes: Uint8Array): void {
    if (bytes.length === this.#size) {
      this.#whole = `sha256:${hash("sha256", bytes, "hex")}`;
      return;
    }
    this.#hasher ??= createHash("sha256");
    this.#hasher.update(bytes);
  }

  end(): Digest {
    return this.#whole ?? (this.#hasher ? `sha256:${this.#hasher.digest("hex")}` : EMPTY);
  }
}

const BATCH = 1000;
const EMPTY = sha256("");

function lineOf(change: LayerChange): string {
  return isPlainFile(change) ? plainLine(change) : `${JSON.stringify(canonical(change))}\n`;
}

function isPlainFile(change: LayerChange): change is Entry {
  return (
    change.type === "file" &&
    change.digest !== undefined &&
    change.hardlink === undefined &&
    change.xattrs === undefined
  );
}

/** The line of what nearly all entries are, in a quarter of the time. */
function plainLine({ path, mode, uid, gid, size, digest }: Entry): string {
  return `[${JSON.stringify(path)},"file",${mode},${uid},${gid},${size},"${digest}"]\n`;
}

function canonical(change: LayerChange): unknown[] {
  if (change.type === "whiteout" || change.type === "opaque") return [change.path, change.type];
  if (change.hardlink !== undefined) return [change.path, "hardlink", change.hardlink];
  return [
    change.path,
    change.type,
    change.mode,
    change.uid,
    change.gid,
    ...canonicalContent(change),
    ...canonicalXattrs(change),
  ];
}

function canonicalContent({ type, size, digest, target, device }: Entry): unknown[] {
  if (type === "file") return [size, digest];
  if (type === "symlink") return [target];
  return device ? [device.major, device.minor] : [];
}

function canonicalXattrs({ xattrs }: Entry): unknown[] {
  if (!xattrs) return [];
  return [
    Object.fromEntries([...xattrs.keys()].sort().map((name) => [name, Buffer.from(xattrs.get(name)!).toString("hex")])),
  ];
}
