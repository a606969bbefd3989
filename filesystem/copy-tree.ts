// Files of a tree, copied from where they are on this machine, each verified as it is read.

import { readSync } from "node:fs";
import type { Entry } from "./entry.js";
import type { FileTree } from "./file-tree.js";
import { writeError } from "./io-error.js";
import { PIECE } from "./layer-file.js";
import { Pace } from "./pace.js";
import { type FileRegion, type RegionOutput, RegionReader } from "./region.js";
import type { UnpackOptions } from "./unpack.js";
import { Unpacker } from "./unpacker.js";

export interface CopyTreeOptions extends Pick<UnpackOptions, "ownership" | "userxattr" | "links" | "signal"> {
  /** The content of a file that is not empty and not a further name of an earlier one. */
  readonly contentOf: (entry: Entry) => FileRegion | Uint8Array;
}

/**
 * Makes the files of `tree`, whose files have digests, in `directory`, which is missing or empty. The caller removes it when this fails.
 * @throws source_not_found, source_changed, store_full, store_unwritable, interrupted
 */
export async function copyTree(tree: FileTree, directory: string, options: CopyTreeOptions): Promise<void> {
  const pace = new Pace(options.signal);
  const unpacker = new Unpacker(directory, { ...options, parent: tree });
  const reader = new RegionReader(outputTo(unpacker), pace, false);
  try {
    for (const entry of tree.walk()) {
      if (pace.isDue()) await pace.rest();
      unpacker.begin(entry);
      if (entry.type !== "file" || entry.hardlink !== undefined) continue;
      if (entry.size > 0) await copyContent(entry, options.contentOf(entry), unpacker, reader);
      unpacker.end(entry);
    }
    unpacker.finish();
  } catch (error) {
    throw writeError(error, `copy files to "${directory}"`);
  } finally {
    reader.close();
    unpacker.close();
  }
}

async function copyContent(
  entry: Entry,
  content: FileRegion | Uint8Array,
  unpacker: Unpacker,
  reader: RegionReader,
): Promise<void> {
  if (content instanceof Uint8Array) unpacker.content(content);
  else await reader.copy(entry, content);
}

function outputTo(unpacker: Unpacker): RegionOutput {
  const buffer = Buffer.allocUnsafeSlow(PIECE + 1);
  return {
    writeFrom(fd, position, limit, peek) {
      const read = readSync(fd, buffer, 0, limit + peek, position);
      const bytes = buffer.subarray(0, Math.min(read, limit));
      unpacker.content(bytes);
      return { bytes, extra: read - bytes.length };
    },
  };
}
