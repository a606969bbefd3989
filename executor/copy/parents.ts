// COPY --parents: what a pattern names, with its path below the pivot `/./` kept (S-104).

import { type Entry, type FileTree, joinPath, nameOf } from "../../filesystem/index.js";
import { hasWildcard, IgnoreMatcher, parseExcludes } from "../../planner/index.js";
import { clamp } from "./select.js";
import type { Selected } from "./source.js";

/** Directories above a match are not in the result; the transfer makes them with the source's metadata. */
export function selectWithParents(
  tree: FileTree,
  written: string,
): { readonly base: string; readonly selected: readonly Selected[] } {
  const { base, below } = splitAtPivot(written);
  const directory = tree.resolve(base);
  const matched = hasWildcard(below) ? walkMatches(tree, directory, below) : literal(tree, joinPath(directory, below));
  const selected = matched.map((entry) => {
    const relative = directory === "" ? entry.path : entry.path.slice(directory.length + 1);
    return { path: entry.path, entry, name: nameOf(relative), below: relative };
  });
  return { base: directory, selected };
}

function splitAtPivot(written: string): { base: string; below: string } {
  const pivot = written.indexOf("/./");
  if (pivot < 0 && written.startsWith("./")) return { base: "", below: clamp(written) };
  if (pivot < 0) return { base: "", below: clamp(written) };
  return { base: clamp(written.slice(0, pivot)), below: clamp(written.slice(pivot + 3)) };
}

function literal(tree: FileTree, path: string): Entry[] {
  const entry = tree.get(path) ?? tree.stat(path);
  return entry ? [entry] : [];
}

/** `**` is allowed here, as in .dockerignore. A matched directory is taken whole. */
function walkMatches(tree: FileTree, directory: string, pattern: string): Entry[] {
  const prefix = directory === "" ? 0 : directory.length + 1;
  const matcher = new IgnoreMatcher(parseExcludes([pattern], "--parents"));
  const visit = (path: string): Entry[] =>
    tree.children(path).flatMap((entry) => {
      if (matcher.matches(entry.path.slice(prefix))) return [entry];
      return entry.type === "directory" ? visit(entry.path) : [];
    });
  return visit(directory);
}
