// A source tree from literals: `{ "a/b": "text", "d/": dir(0o700), "l": link("a/b") }`.

import type { SourceTree } from "../../../executor/copy/source.js";
import { type Entry, FileTree } from "../../../filesystem/index.js";
import { sha256 } from "../../../oci/index.js";

type Literal = string | Partial<Entry>;

export function entriesOf(files: Record<string, Literal>): Entry[] {
  return Object.entries(files)
    .map(([path, literal]) => entryOf(path, literal))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entryOf(name: string, literal: Literal): Entry {
  const path = name.replace(/\/$/, "");
  const base = { path, uid: 0, gid: 0, size: 0, mtime: 1000, mtimeNs: 5 };
  const given = typeof literal === "string" ? {} : literal;
  if (name.endsWith("/")) return { ...base, type: "directory", mode: 0o755, ...given };
  if (given.target !== undefined) return { ...base, type: "symlink", mode: 0o777, ...given };
  const text = typeof literal === "string" ? literal : "";
  return { ...base, type: "file", mode: 0o644, size: text.length, digest: sha256(text), ...given };
}

export function treeOf(files: Record<string, Literal>): FileTree {
  return FileTree.of(entriesOf(files));
}

export function sourceOf(files: Record<string, Literal>): SourceTree {
  const tree = treeOf(files);
  return {
    tree,
    hash: async (entries) => entries,
    contentOf: (entry) => ({ path: `/source/${entry.path}`, offset: 0 }),
    explainMissing: () => undefined,
  };
}

export const link = (target: string): Partial<Entry> => ({ target, type: "symlink" });
