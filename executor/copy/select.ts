// Which entries of a source tree a COPY source names: a path, or a pattern of Go's filepath.Match (S-080 to S-085).

import { type Entry, type FileTree, nameOf } from "../../filesystem/index.js";
import { hasWildcard, matchPattern, splitPattern } from "../../planner/index.js";
import type { Selected } from "./source.js";

/** Nothing, when a literal path is missing or a pattern matches nothing. */
export function select(tree: FileTree, written: string): readonly Selected[] {
  const path = clamp(written);
  if (!hasWildcard(path)) return selectNamed(tree, path);
  const { directory: base, pattern } = splitPattern(path);
  const directory = tree.resolve(base);
  return matches(tree, directory, pattern).flatMap((match) => selectNamed(tree, match.path));
}

/** The entries below `directory` that match; a matched directory is taken whole, so nothing below it is looked at. */
function matches(tree: FileTree, directory: string, pattern: string): Entry[] {
  const depth = pattern.split("/").length;
  const prefix = directory === "" ? 0 : directory.length + 1;
  const visit = (path: string, level: number): Entry[] =>
    tree.children(path).flatMap((entry) => {
      if (level === depth) return matchPattern(pattern, entry.path.slice(prefix)) ? [entry] : [];
      return entry.type === "directory" ? visit(entry.path, level + 1) : [];
    });
  return visit(directory, 1);
}

/** The entry at a path that is no pattern. */
export function selectNamed(tree: FileTree, written: string): Selected[] {
  const path = tree.resolve(written);
  const entry = tree.get(path);
  return entry ? [{ path, entry, name: nameOf(written) }] : [];
}

/** `../../foo`, `/foo` and `foo/` all mean `foo` (S-080). */
export function clamp(written: string): string {
  const names: string[] = [];
  for (const name of written.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names.join("/");
}
