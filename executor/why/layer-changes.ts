// How two layers differ, file by file.

import { type Entry, type LayerChange, sameMetadata } from "../../filesystem/index.js";
import type { StepFileChange } from "./change.js";

/** Of directories only owner and mode count, and those that are new or gone with nothing in them. */
export function compareLayers(then: readonly LayerChange[], now: readonly LayerChange[]): StepFileChange[] {
  const old = new Map(then.map((change) => [change.path, change]));
  const current = new Map(now.map((change) => [change.path, change]));
  const changes = [
    ...now.flatMap((change) => difference(old.get(change.path), change)),
    ...then.flatMap(({ path }): StepFileChange[] =>
      current.has(path) ? [] : [{ kind: "file", path, what: "removed" }],
    ),
  ];
  return withoutFullDirectories(changes, old, current);
}

function difference(old: LayerChange | undefined, current: LayerChange): StepFileChange[] {
  const { path } = current;
  if (!old) return [{ kind: "file", path, what: "added" }];
  if (old.type !== current.type) return [{ kind: "file", path, what: "type", from: old.type, to: current.type }];
  if (!isEntry(old) || !isEntry(current)) return [];
  return entryDifference(old, current);
}

function entryDifference(old: Entry, current: Entry): StepFileChange[] {
  const { path } = current;
  if (old.digest !== current.digest || old.target !== current.target) return [{ kind: "file", path, what: "content" }];
  if (old.mode !== current.mode) {
    return [{ kind: "file", path, what: "mode", from: old.mode.toString(8), to: current.mode.toString(8) }];
  }
  if (old.uid !== current.uid || old.gid !== current.gid) {
    return [{ kind: "file", path, what: "owner", from: `${old.uid}:${old.gid}`, to: `${current.uid}:${current.gid}` }];
  }
  return sameMetadata(old, current) ? [] : [{ kind: "file", path, what: "xattrs" }];
}

/** A directory that comes or goes with files is told by them. */
function withoutFullDirectories(
  changes: readonly StepFileChange[],
  old: ReadonlyMap<string, LayerChange>,
  current: ReadonlyMap<string, LayerChange>,
): StepFileChange[] {
  const parents = new Set(changes.flatMap(({ path }) => parentsOf(path)));
  return changes.filter(({ path, what }) => {
    const entry = what === "removed" ? old.get(path) : what === "added" ? current.get(path) : undefined;
    return entry?.type !== "directory" || !parents.has(path);
  });
}

function parentsOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function isEntry(change: LayerChange): change is Entry {
  return change.type !== "whiteout" && change.type !== "opaque";
}
