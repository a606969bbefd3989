// How the tar of a layer spells deletions: `.wh.<name>` beside the name, `.wh..wh..opq` in a directory.
// https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts

import type { Entry, LayerChange } from "./entry.js";
import { joinPath, nameOf, parentOf } from "./path-bytes.js";
import { badArchive } from "./tar/error.js";

const PREFIX = ".wh.";
const RESERVED = ".wh..wh.";
const OPAQUE = ".wh..wh..opq";

/** True for names that no file of a layer may have, because readers take them for marks. */
export function isMarkName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The empty file that stands for a mark in the tar. */
export function markFile(change: Exclude<LayerChange, Entry>): Entry {
  const path =
    change.type === "opaque"
      ? joinPath(change.path, OPAQUE)
      : joinPath(parentOf(change.path), PREFIX + nameOf(change.path));
  return { path, type: "file", mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, mtimeNs: 0 };
}

/**
 * What a file named like a mark means; `ignored` for aufs's own files, which some old layers have.
 * @throws bad_archive for a whiteout of nothing.
 */
export function markOf(path: string): Exclude<LayerChange, Entry> | "ignored" {
  const name = nameOf(path);
  if (name === OPAQUE) return { path: parentOf(path), type: "opaque" };
  if (name.startsWith(RESERVED)) return "ignored";
  const deleted = name.slice(PREFIX.length);
  if (["", ".", ".."].includes(deleted)) throw badArchive(`the whiteout "${path}" names no file`);
  return { path: joinPath(parentOf(path), deleted), type: "whiteout" };
}

/**
 * The changes with each mark before whatever it must not hide. Marks say only what becomes of lower layers, wherever they
 * stand in the tar; when one comes too late, all marks go to the front.
 */
export function marksFirst(changes: readonly LayerChange[]): readonly LayerChange[] {
  const holders = new Set<string>();
  const entries = new Set<string>();
  for (const change of changes) {
    const late =
      change.type === "opaque"
        ? holders.has(change.path)
        : change.type === "whiteout" && (holders.has(change.path) || entries.has(change.path));
    if (late) return [...changes.filter(isMark), ...changes.filter((other) => !isMark(other))];
    if (isMark(change)) continue;
    entries.add(change.path);
    for (let path = change.path; path !== "" && !holders.has(parentOf(path)); path = parentOf(path))
      holders.add(parentOf(path));
  }
  return changes;
}

export function isMark(change: LayerChange): change is Exclude<LayerChange, Entry> {
  return change.type === "whiteout" || change.type === "opaque";
}
