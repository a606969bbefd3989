// What COPY and ADD read: a tree of entries, and where the bytes of each are.

import type { Entry, FileRegion, FileTree } from "../../filesystem/index.js";

export interface SourceTree {
  readonly tree: FileTree;
  /** The entries with their digests and exact times; files of a build context are read for it when they changed. */
  hash(entries: readonly Entry[]): Promise<readonly Entry[]>;
  /** Where the content of a file is, on this machine. */
  contentOf(entry: Entry): FileRegion;
  /** Why a path that is not in the tree is missing: `excluded by .dockerignore line 3`. */
  explainMissing(path: string): string | undefined;
}

/** One thing that a source of the instruction names: a file, or a directory whose contents are meant. */
export interface Selected {
  /** Canonical path in the source tree: a symlink that was named is followed (S-085). */
  readonly path: string;
  readonly entry: Entry;
  /** The last name of the path as it was written or matched; names the copy in a destination directory. */
  readonly name: string;
  /** With `--parents`: where it goes below the destination. */
  readonly below?: string;
}
