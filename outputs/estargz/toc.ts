// The table of contents of an eStargz layer: what is in it, and where each piece begins in the compressed blob.
// https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md#toc-tocentries-and-footer

import type { Entry, LayerChange } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";

export const TOC_NAME = "stargz.index.json";

/** The digest of the table: on the layer's descriptor, so that a reader can trust a table that it reads before the rest. */
export const TOC_DIGEST = "containerd.io/snapshot/stargz/toc.digest";
export const UNCOMPRESSED_SIZE = "io.containers.estargz.uncompressed-size";

/** A piece of a file: a gzip member of its own begins at `offset`. */
export interface Chunk {
  readonly offset: number;
  /** Where the piece is in the file. */
  readonly chunkOffset: number;
  readonly chunkSize: number;
  readonly digest: Digest;
}

/** Field names are the format's. */
export type TocEntry = Readonly<Record<string, unknown>>;

const TYPES = {
  file: "reg",
  directory: "dir",
  symlink: "symlink",
  character: "char",
  block: "block",
  fifo: "fifo",
} as const;

/** The entries of one member of the tar: the first has all of its fields, the rest are the further pieces of a file. */
export function tocEntries(entry: Entry, chunks: readonly Chunk[], chunkSize: number): TocEntry[] {
  const name = entry.type === "directory" ? `${entry.path}/` : entry.path;
  if (entry.hardlink !== undefined) return [{ ...metadata(entry), name, type: "hardlink", linkName: entry.hardlink }];
  const common = { ...metadata(entry), name, type: TYPES[entry.type] };
  if (entry.type !== "file") return [{ ...common, ...special(entry) }];
  const [first, ...rest] = chunks.map((chunk) => place(chunk, chunkSize));
  const whole = { ...common, ...(entry.size > 0 && { size: entry.size }), digest: entry.digest };
  return [{ ...whole, ...first }, ...rest.map((piece) => ({ name, type: "chunk", ...piece }))];
}

/** Only what is a whole chunk says its size: the last one goes to the end of the file. */
function place({ offset, chunkOffset, chunkSize: size, digest }: Chunk, chunkSize: number): TocEntry {
  return {
    offset,
    ...(chunkOffset > 0 && { chunkOffset }),
    ...(size === chunkSize && { chunkSize: size }),
    chunkDigest: digest,
  };
}

function metadata({ mode, uid, gid, mtime, xattrs }: Entry): TocEntry {
  const pairs = [...(xattrs ?? [])].map(([name, value]) => [name, Buffer.from(value).toString("base64")]);
  return {
    mode,
    ...(uid > 0 && { uid }),
    ...(gid > 0 && { gid }),
    modtime: new Date(mtime * 1000).toISOString().replace(".000Z", "Z"),
    ...(pairs.length > 0 && { xattrs: Object.fromEntries(pairs) }),
  };
}

function special({ target, device }: Entry): TocEntry {
  if (target !== undefined) return { linkName: target };
  return device ? { devMajor: device.major, devMinor: device.minor } : {};
}

export function isEntry(change: LayerChange): change is Entry {
  return change.type !== "whiteout" && change.type !== "opaque";
}
