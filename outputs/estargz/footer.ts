// How an eStargz blob ends: the table as the last member of the tar, then an empty gzip member that says where it begins.
// https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md#footer

import { type Entry, tarMember } from "../../filesystem/index.js";

export const FOOTER_SIZE = 51;

/** gzip with the one flag that an extra field follows; no time, system unknown. */
const HEADER = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255];
/** A stored block without bytes, the last one; then checksum and length, both 0. */
const EMPTY = [1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];

export function footer(tableAt: number): Buffer {
  const field = Buffer.from(`${tableAt.toString(16).padStart(16, "0")}STARGZ`);
  const extra = Buffer.from([field.length + 4, 0, ...Buffer.from("SG"), field.length, 0]);
  return Buffer.concat([Buffer.from(HEADER), extra, field, Buffer.from(EMPTY)]);
}

/** The tar's last bytes: the table as a file, and the end of the archive. */
export function tocMember(path: string, json: Buffer): Buffer {
  const entry: Entry = {
    path,
    type: "file",
    mode: 0o444,
    uid: 0,
    gid: 0,
    size: json.length,
    mtime: 0,
    mtimeNs: 0,
  };
  return Buffer.concat([tarMember(entry, json), Buffer.alloc(1024)]);
}
