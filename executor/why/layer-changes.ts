// How two layers differ, for people: `2 files changed: src/a.ts, run.sh (mode 644 -> 755)`.

import type { Entry, LayerChange } from "../../filesystem/index.js";

/** Names that are shown before the rest is only counted. */
const SHOWN = 3;

/** @returns undefined when both say the same */
export function describeChanges(then: readonly LayerChange[], now: readonly LayerChange[]): string | undefined {
  const old = new Map(then.map((change) => [change.path, change]));
  const current = new Map(now.map((change) => [change.path, change]));
  const changes = [
    ...now.flatMap((change) => difference(old.get(change.path), change)),
    ...then.flatMap(({ path }) => (current.has(path) ? [] : [`${path} (removed)`])),
  ];
  if (changes.length === 0) return undefined;
  const shown = changes.slice(0, SHOWN).join(", ");
  const more = changes.length > SHOWN ? ` and ${changes.length - SHOWN} more` : "";
  return `${changes.length} ${changes.length === 1 ? "file" : "files"} changed: ${shown}${more}`;
}

function difference(old: LayerChange | undefined, current: LayerChange): string[] {
  if (!old) return [`${current.path} (new)`];
  if (old.type !== current.type) return [`${current.path} (${old.type} -> ${current.type})`];
  if (!isEntry(old) || !isEntry(current)) return [];
  const what = entryDifference(old, current);
  return what === undefined ? [] : [what === "" ? current.path : `${current.path} (${what})`];
}

/** "" for content, which needs no words. */
function entryDifference(old: Entry, current: Entry): string | undefined {
  if (old.digest !== current.digest || old.target !== current.target) return "";
  if (old.mode !== current.mode) return `mode ${old.mode.toString(8)} -> ${current.mode.toString(8)}`;
  if (old.uid !== current.uid || old.gid !== current.gid)
    return `owner ${old.uid}:${old.gid} -> ${current.uid}:${current.gid}`;
  return undefined;
}

function isEntry(change: LayerChange): change is Entry {
  return change.type !== "whiteout" && change.type !== "opaque";
}
