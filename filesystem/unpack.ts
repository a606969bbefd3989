// Unpacks a layer into a directory that overlayfs can stand on: whiteouts are devices 0/0, opaque directories have an xattr.
// https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories

import type { LayerIndex } from "./entry.js";
import type { FileTree } from "./file-tree.js";
import { writeError } from "./io-error.js";
import { ChangeVisitor, readLayer, type ReadOptions } from "./layer-reader.js";
import { parentOf } from "./path-bytes.js";
import { readTar } from "./tar/reader.js";
import { Unpacker } from "./unpacker.js";

export interface UnpackOptions extends ReadOptions {
  /**
   * Whether opaque directories are marked with `user.overlay.opaque`, which mounts with the option `userxattr` need.
   * @default false: `trusted.overlay.opaque`
   */
  readonly userxattr?: boolean;
  /**
   * set: files get their owners, which needs root. record: all files are ours, the index alone has the owners; devices are
   * empty files, and xattrs that only root may set are left out.
   * @default "set"
   */
  readonly ownership?: "set" | "record";
  /** Whether names of one file become hard links; else each is a file of its own. @default true */
  readonly links?: boolean;
  /** The tree below the layer. Directories that the layer needs but does not describe look like it has them. @default empty */
  readonly parent?: FileTree;
}

/**
 * Unpacks an uncompressed layer in one pass, and returns its index. Nothing is written outside `directory`, which is made
 * when it is missing (its parent is there) and must be empty: a parent that is no directory is replaced by one, never followed. The caller
 * compares `diffID` with what it expected, and removes the directory when this fails.
 * @throws bad_archive, store_full, store_unwritable, interrupted
 */
export async function unpackLayer(
  tar: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions = {},
): Promise<LayerIndex> {
  try {
    return await unpack(tar, new Unpacker(directory, options), options);
  } catch (error) {
    throw writeError(error, `unpack a layer into "${directory}"`);
  }
}

/**
 * Unpacks an archive that is no layer: names like `.wh.x` are files like any other, and all files are ours. Nothing is
 * written outside `directory`, as with a layer.
 * @throws bad_archive, store_full, store_unwritable, interrupted
 */
export async function unpackArchive(
  tar: AsyncIterable<Uint8Array>,
  directory: string,
  options: ReadOptions = {},
): Promise<void> {
  const unpacker = new Unpacker(directory, { ...options, ownership: "record" });
  try {
    await readTar(tar, new ChangeVisitor(unpacker, false), options);
    unpacker.finish();
  } catch (error) {
    throw writeError(error, `unpack an archive into "${directory}"`);
  } finally {
    unpacker.close();
  }
}

async function unpack(tar: AsyncIterable<Uint8Array>, unpacker: Unpacker, options: UnpackOptions): Promise<LayerIndex> {
  try {
    const index = await readLayer(tar, unpacker, options);
    unpacker.finish();
    return index;
  } finally {
    unpacker.close();
  }
}

/**
 * The directories that `changes` need but do not describe, and the root ("") when it is opaque. A layer without any unpacks to the same files whatever
 * is below it, so it needs no `parent`.
 */
export function impliedDirectories(changes: LayerIndex["changes"]): string[] {
  const described = new Set<string>();
  const needed = new Set<string>();
  for (const change of changes) {
    if (change.type === "directory") described.add(change.path);
    if (change.type === "opaque") needed.add(change.path);
    for (let path = parentOf(change.path); path !== "" && !needed.has(path); path = parentOf(path)) needed.add(path);
  }
  return [...needed].filter((path) => path === "" || !described.has(path)).sort();
}
