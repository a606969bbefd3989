// A file of a layer or of a build context, as data.
// https://github.com/opencontainers/image-spec/blob/main/layer.md

import type { Digest } from "../oci/index.js";

export type EntryType = "file" | "directory" | "symlink" | "character" | "block" | "fifo";

/**
 * Paths are relative to the root, with "/" between names and none at either end; "" is the root itself. Bytes of a name
 * that are not UTF-8 are lone surrogates U+DC80 to U+DCFF (see `path-bytes.ts`), so every name has one exact string.
 */
export interface Entry {
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for anything but files. */
  readonly size: number;
  /** Whole seconds since the epoch, rounded down; may be negative. */
  readonly mtime: number;
  /** Nanoseconds within `mtime`'s second: 0 to 999999999. */
  readonly mtimeNs: number;
  /** sha256 of a file's content. Absent only in a context index, until the file is read. */
  readonly digest?: Digest;
  /** The target of a symlink, as it is written. */
  readonly target?: string;
  /** The path of an earlier entry of the same layer that this file is a hard link to. All other fields are those of the inode. */
  readonly hardlink?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Extended attributes by full name (`security.capability`, `user.x`). Values are bytes. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  /**
   * For who packs it: its time was set on purpose, as by `touch -d` or from an archive, and is not that of the work which made it.
   * No index has this. @default false
   */
  readonly isDated?: true;
  /** Where a file's content begins in the uncompressed tar of its layer. */
  readonly offset?: number;
}

/** What a layer says of a path: that it is there, that it is gone, or that a directory hides all that was below it. */
export type LayerChange =
  | Entry
  /** The path, and everything below it, is deleted (`.wh.<name>` in the tar). */
  | { readonly path: string; readonly type: "whiteout" }
  /** Everything below the path that came from lower layers is hidden (`.wh..wh..opq` in the tar). */
  | { readonly path: string; readonly type: "opaque" };

/**
 * All that one layer changes. Sorted so that parents come before children, and an opaque mark or a whiteout before
 * any entry that replaces it; a hard link comes after its first name.
 */
export interface LayerIndex {
  readonly diffID: Digest;
  /** Digest of the changes without times and offsets: equal for layers that mean the same, but for times that were set. */
  readonly content: Digest;
  /** Digest of the times that were set on purpose, where a layer that was just packed has any. An index that was read has none. */
  readonly dates?: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  readonly changes: readonly LayerChange[];
}
