// What `tsbuild lock` changed, as text.

import type { LockChange, LockResult } from "../../index.js";
import { printableName } from "../../internal.js";

/** A line for each change, and a summary. */
export function lockText(result: LockResult, dryRun: boolean): string {
  return [...result.changes.map(changeLine), summary(result, dryRun), ""].join("\n");
}

const SIGNS = { added: "+", changed: "~", removed: "-" } as const;

function changeLine({ kind, source, from, to }: LockChange): string {
  const pins = [from, to].filter((pin) => pin !== undefined).join(" → ");
  return `${SIGNS[kind]} ${printableName(source)}  ${pins}`;
}

function summary({ file, count, changes, exists }: LockResult, dryRun: boolean): string {
  const of = (kind: LockChange["kind"]) => changes.filter((change) => change.kind === kind).length;
  const counts = (["added", "changed", "removed"] as const).flatMap((kind) =>
    of(kind) > 0 ? [`${of(kind)} ${kind}`] : [],
  );
  const sources = `${count} ${count === 1 ? "source" : "sources"}`;
  const found = [sources, ...(counts.length > 0 ? counts : ["no change"])].join(", ");
  const state = !dryRun ? "" : exists ? (changes.length > 0 ? " is out of date" : " is up to date") : " does not exist";
  return `${file}${state}: ${found}`;
}
