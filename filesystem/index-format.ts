// The file format of a layer index, version 1. All numbers are little-endian.
//
//   header   4 bytes "TSBX", u32 version, 32 bytes sha256 of all that follows it
//            u32 number of changes, u32 bytes of the extras, f64 bytes of the uncompressed tar, 32 bytes diffID, 32 bytes content digest
//   records  48 bytes for each change: u8 type, u8 flags, u16 mode, u32 uid, u32 gid, u32 mtimeNs, f64 mtime, f64 size, f64 offset,
//            u32 device major, u32 device minor
//   digests  32 bytes for each change whose flags say so, in order
//   extras   xattrs of each change whose flags say so: u32 count, then for each u32 length and bytes of its name, and of its value
//   strings  for each change its path, then its target and hard link if it has them, each followed by a NUL
//
// Types are the positions in `TYPES`; flags the bits of `FLAG`. Names that are not UTF-8 are their own bytes.

import { createHash } from "node:crypto";
import { TsbuildError } from "../errors.js";
import { type Digest, hexOf } from "../oci/index.js";
import type { Entry, LayerChange, LayerIndex } from "./entry.js";
import { decodeName, encodeName } from "./path-bytes.js";
import { isMark } from "./whiteout.js";

const MAGIC = "TSBX";
const VERSION = 1;
const HASHED_FROM = 40;
const HEADER = HASHED_FROM + 80;
const RECORD = 48;
const DIGEST = 32;
const TYPES = ["whiteout", "opaque", "file", "directory", "symlink", "character", "block", "fifo"] as const;
const FLAG = { digest: 1, target: 2, hardlink: 4, device: 8, xattrs: 16, offset: 32 } as const;

/** The bytes of an index: equal indexes are equal bytes. */
export function encodeIndex(index: LayerIndex): Uint8Array {
  const entries = index.changes.map((change) => (isMark(change) ? markEntry(change) : change));
  const digests = entries.map(({ digest }) => (digest ? hexOf(digest) : ""));
  const extras = Buffer.concat(entries.flatMap(({ xattrs }) => (xattrs ? [encodeXattrs(xattrs)] : [])));
  const parts = [
    encodeHeader(index, extras.length),
    encodeRecords(index, entries),
    Buffer.from(digests.join(""), "hex"),
    extras,
    encodeStrings(entries),
  ];
  const bytes = Buffer.concat(parts);
  createHash("sha256").update(bytes.subarray(HASHED_FROM)).digest().copy(bytes, 8);
  return bytes;
}

/** @throws store_corrupt when the bytes are not those of an index, whole and of this version. */
export function decodeIndex(bytes: Uint8Array): LayerIndex {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  check(buffer);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return {
    diffID: digestAt(buffer, HASHED_FROM + 16),
    content: digestAt(buffer, HASHED_FROM + 48),
    size: view.getFloat64(HASHED_FROM + 8, true),
    changes: new IndexReader(buffer, view).changes(),
  };
}

function check(buffer: Buffer): void {
  if (buffer.length < HEADER || buffer.toString("latin1", 0, 4) !== MAGIC) throw corrupt("it is no layer index");
  const version = buffer.readUInt32LE(4);
  if (version !== VERSION) throw corrupt(`expected version ${VERSION}, found ${version}`);
  const found = createHash("sha256").update(buffer.subarray(HASHED_FROM)).digest();
  if (!found.equals(buffer.subarray(8, HASHED_FROM))) throw corrupt("its checksum is wrong");
}

function corrupt(what: string): TsbuildError {
  return new TsbuildError("store_corrupt", `a layer index cannot be read: ${what}`, {
    hint: "Build again: the index will be made anew.",
  });
}

function encodeHeader({ changes, size, diffID, content }: LayerIndex, extras: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write(MAGIC, "latin1");
  header.writeUInt32LE(VERSION, 4);
  header.writeUInt32LE(changes.length, HASHED_FROM);
  header.writeUInt32LE(extras, HASHED_FROM + 4);
  header.writeDoubleLE(size, HASHED_FROM + 8);
  header.write(hexOf(diffID), HASHED_FROM + 16, "hex");
  header.write(hexOf(content), HASHED_FROM + 48, "hex");
  return header;
}

function encodeRecords({ changes }: LayerIndex, entries: readonly Entry[]): Buffer {
  const bytes = Buffer.alloc(changes.length * RECORD);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [index, entry] of entries.entries()) {
    const at = index * RECORD;
    view.setUint8(at, TYPES.indexOf(changes[index]!.type));
    view.setUint8(at + 1, flagsOf(entry));
    view.setUint16(at + 2, entry.mode, true);
    view.setUint32(at + 4, entry.uid, true);
    view.setUint32(at + 8, entry.gid, true);
    view.setUint32(at + 12, entry.mtimeNs, true);
    view.setFloat64(at + 16, entry.mtime, true);
    view.setFloat64(at + 24, entry.size, true);
    view.setFloat64(at + 32, entry.offset ?? 0, true);
    view.setUint32(at + 40, entry.device?.major ?? 0, true);
    view.setUint32(at + 44, entry.device?.minor ?? 0, true);
  }
  return bytes;
}

function flagsOf({ digest, target, hardlink, device, xattrs, offset }: Entry): number {
  let flags = 0;
  if (digest !== undefined) flags |= FLAG.digest;
  if (target !== undefined) flags |= FLAG.target;
  if (hardlink !== undefined) flags |= FLAG.hardlink;
  if (device !== undefined) flags |= FLAG.device;
  if (xattrs !== undefined) flags |= FLAG.xattrs;
  if (offset !== undefined) flags |= FLAG.offset;
  return flags;
}

function encodeXattrs(xattrs: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts = [...xattrs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [sized(encodeName(name)), sized(value)]);
  return Buffer.concat([number(xattrs.size), ...parts]);
}

function sized(bytes: Uint8Array): Buffer {
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function encodeStrings(entries: readonly Entry[]): Buffer {
  const strings: string[] = [];
  for (const { path, target, hardlink } of entries) {
    strings.push(path);
    if (target !== undefined) strings.push(target);
    if (hardlink !== undefined) strings.push(hardlink);
  }
  return encodeName(strings.map((text) => `${text}\0`).join(""));
}

function markEntry({ path }: LayerChange): Entry {
  return { path, type: "file", mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, mtimeNs: 0 };
}

function digestAt(buffer: Buffer, at: number): Digest {
  return `sha256:${buffer.toString("hex", at, at + DIGEST)}`;
}

/** The parts of the file are read side by side, each from where the last change left it. */
class IndexReader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #count: number;
  readonly #strings: readonly string[];
  readonly #hex: string;
  #string = 0;
  #digest = 0;
  #extra: number;

  constructor(buffer: Buffer, view: DataView) {
    this.#buffer = buffer;
    this.#view = view;
    this.#count = view.getUint32(HASHED_FROM, true);
    const digests = HEADER + this.#count * RECORD;
    this.#extra = digests + this.#countDigests() * DIGEST;
    this.#hex = buffer.toString("hex", digests, this.#extra);
    this.#strings = decodeName(buffer.subarray(this.#extra + view.getUint32(HASHED_FROM + 4, true))).split("\0");
  }

  changes(): LayerChange[] {
    const changes: LayerChange[] = [];
    for (let index = 0; index < this.#count; index++) changes.push(this.#change(HEADER + index * RECORD));
    return changes;
  }

  #countDigests(): number {
    let count = 0;
    for (let index = 0; index < this.#count; index++)
      if (this.#view.getUint8(HEADER + index * RECORD + 1) & FLAG.digest) count += 1;
    return count;
  }

  #change(at: number): LayerChange {
    const type = TYPES[this.#view.getUint8(at)]!;
    const path = this.#nextString();
    return type === "whiteout" || type === "opaque" ? { path, type } : this.#entry(at, path, type);
  }

  #entry(at: number, path: string, type: Entry["type"]): Entry {
    const view = this.#view;
    const flags = view.getUint8(at + 1);
    const entry: { -readonly [Key in keyof Entry]: Entry[Key] } = {
      path,
      type,
      mode: view.getUint16(at + 2, true),
      uid: view.getUint32(at + 4, true),
      gid: view.getUint32(at + 8, true),
      size: view.getFloat64(at + 24, true),
      mtime: view.getFloat64(at + 16, true),
      mtimeNs: view.getUint32(at + 12, true),
    };
    if (flags & FLAG.digest) entry.digest = this.#nextDigest();
    if (flags & FLAG.target) entry.target = this.#nextString();
    if (flags & FLAG.hardlink) entry.hardlink = this.#nextString();
    if (flags & FLAG.device)
      entry.device = { major: view.getUint32(at + 40, true), minor: view.getUint32(at + 44, true) };
    if (flags & FLAG.xattrs) entry.xattrs = this.#nextXattrs();
    if (flags & FLAG.offset) entry.offset = view.getFloat64(at + 32, true);
    return entry;
  }

  #nextString(): string {
    return this.#strings[this.#string++]!;
  }

  #nextDigest(): Digest {
    const at = this.#digest;
    this.#digest += 2 * DIGEST;
    return `sha256:${this.#hex.slice(at, at + 2 * DIGEST)}`;
  }

  #nextXattrs(): Map<string, Uint8Array> {
    const xattrs = new Map<string, Uint8Array>();
    for (let rest = this.#nextNumber(); rest > 0; rest--)
      xattrs.set(decodeName(this.#nextBytes()), Uint8Array.from(this.#nextBytes()));
    return xattrs;
  }

  #nextBytes(): Uint8Array {
    const length = this.#nextNumber();
    this.#extra += length;
    return this.#buffer.subarray(this.#extra - length, this.#extra);
  }

  #nextNumber(): number {
    this.#extra += 4;
    return this.#view.getUint32(this.#extra - 4, true);
  }
}
