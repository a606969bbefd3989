// What of a directory the lines of an ignore file leave out: what `tsbuild context` prints beside what is sent.

import type { Entry, FileTree } from "../../filesystem/index.js";
import type { IgnoreRules } from "../graph.js";
import { IgnoreMatcher, type IgnoreState } from "./ignore-matcher.js";

/** What one line decided. */
export interface IgnoreLineSummary {
  readonly line: number;
  readonly pattern: string;
  /** Files that it leaves out, or that it brings back when it begins with "!"; not directories. */
  readonly files: number;
  readonly bytes: number;
}

interface Counts {
  files: number;
  bytes: number;
}

/**
 * Each line of the ignore file, in order, also those that decide nothing.
 * @param everything is the tree of the directory with nothing left out
 */
export function describeIgnored(everything: FileTree, rules: IgnoreRules): readonly IgnoreLineSummary[] {
  const matcher = new IgnoreMatcher(rules);
  const counts = rules.patterns.map((): Counts => ({ files: 0, bytes: 0 }));
  const visit = (entry: Entry, parent: IgnoreState | undefined): void => {
    const state = matcher.judge(entry.path, parent);
    const decided = counts[state.matched.lastIndexOf(true)];
    if (entry.type === "directory") for (const child of everything.children(entry.path)) visit(child, state);
    else if (decided) count(decided, entry);
  };
  for (const entry of everything.children("")) visit(entry, undefined);
  return rules.patterns.map(({ text, line }, index) => ({ line, pattern: text, ...counts[index]! }));
}

/** A hard link counts once. */
function count(counts: Counts, { size, hardlink }: Entry): void {
  counts.files += 1;
  counts.bytes += hardlink === undefined ? size : 0;
}
