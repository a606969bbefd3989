// Why a path is not in a context, as advice: it is ignored, or it is spelled differently.

import { existsSync } from "node:fs";
import { type FileTree, hostPath, nameOf } from "../../filesystem/index.js";
import { suggest } from "../../suggest.js";
import { cleanPath } from "../paths.js";
import type { IgnoreMatcher } from "./ignore-matcher.js";

export interface Surroundings {
  readonly directory: string;
  readonly ignore: IgnoreMatcher;
  readonly tree: FileTree;
}

/** @param written is what the user wrote: it may begin with "/" or "../" (S-080). */
export function explainMissing(written: string, { directory, ignore, tree }: Surroundings): string | undefined {
  const path = cleanPath(`/${written}`).slice(1);
  return (
    explainIgnored(path, directory, ignore) ??
    explainIgnored(tree.resolve(path), directory, ignore) ??
    explainLink(path, tree) ??
    suggestName(path, tree)
  );
}

/** A link that leads to nothing that is in the context. */
function explainLink(path: string, tree: FileTree): string | undefined {
  const entry = tree.get(path);
  if (entry?.type !== "symlink") return undefined;
  return `Check the link "${path}": "${tree.resolve(path)}", which it leads to, is not in the build context.`;
}

function explainIgnored(path: string, directory: string, ignore: IgnoreMatcher): string | undefined {
  const { excluded, line, pattern } = ignore.decide(path);
  if (!excluded || !existsSync(hostPath(`${directory}/${path}`))) return undefined;
  const file = ignore.file ?? "the ignore rules";
  return `Add "!${escapeWildcards(path)}" after line ${line} of ${file}, where "${pattern}" excludes it.`;
}

/** As a pattern that matches only this path. */
function escapeWildcards(path: string): string {
  return path.replace(/[*?[\]\\]/g, "\\$&");
}

/** A path with one name spelled differently, or the only file of that name elsewhere. */
function suggestName(path: string, tree: FileTree): string | undefined {
  const meant = correctName(path, tree) ?? onlyNamesake(path, tree);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

/** Corrects the first name on the path that is not there. Undefined when what follows is not there either. */
function correctName(path: string, tree: FileTree): string | undefined {
  const names = path.split("/");
  const missing = names.findIndex((_, index) => !tree.get(names.slice(0, index + 1).join("/")));
  if (missing < 0) return undefined;
  const parent = names.slice(0, missing).join("/");
  const name = suggest(
    names[missing]!,
    tree.children(parent).map((entry) => nameOf(entry.path)),
  );
  if (name === undefined) return undefined;
  const corrected = names.with(missing, name).join("/");
  return tree.get(corrected) ? corrected : undefined;
}

function onlyNamesake(path: string, tree: FileTree): string | undefined {
  const wanted = nameOf(path);
  const found: string[] = [];
  const open = [""];
  for (let directory = open.pop(); directory !== undefined && found.length < 2; directory = open.pop()) {
    for (const { path: each, type } of tree.children(directory)) {
      if (nameOf(each) === wanted) found.push(each);
      if (type === "directory") open.push(each);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}
