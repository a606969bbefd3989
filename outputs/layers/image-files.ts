// The merged files of layers, read where they lie.

import { open } from "node:fs/promises";
import type { Layer } from "../../executor/index.js";
import { type Entry, FileTree } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";
import type { LayerContents, OpenLayer } from "./contents.js";

export interface ImageFiles {
  readonly tree: FileTree;
  /** The content of a file, or a piece of it. Shorter than `length` at the end of the file. */
  read(entry: Entry, piece?: { readonly start: number; readonly length: number }): Promise<Uint8Array>;
}

/** @param layers lowest first. @throws digest_mismatch, bad_archive, blob_not_found */
export async function openFiles(layers: readonly Layer[], contents: LayerContents): Promise<ImageFiles> {
  const opened = new Map<Digest, OpenLayer>();
  let tree = FileTree.empty;
  for (const layer of layers) {
    const content = await contents.open(layer);
    opened.set(layer.diffID, content);
    tree = tree.apply(content.index.changes, layer.diffID);
  }
  return {
    tree,
    read: async (entry, { start, length } = { start: 0, length: entry.size }) => {
      const { path, offset } = opened.get(tree.layerOf(entry.path)!)!.contentOf(entry);
      return readPiece(path, offset + start, Math.min(length, entry.size - start));
    },
  };
}

async function readPiece(path: string | Buffer, start: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.max(0, length)), 0, Math.max(0, length), start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
