// Why a path is not in a context, as advice: it is ignored, or it is spelled differently.

import { existsSync } from "node:fs";
import { type FileTree, hostPath, nameOf, parentOf } from "../../filesystem/index.js";
import { suggest } from "../../parser/index.js";
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
  return explainIgnored(path, directory, ignore) ?? suggestName(path, tree);
}

function explainIgnored(path: string, directory: string, ignore: IgnoreMatcher): string | undefined {
  const { excluded, line, pattern } = ignore.decide(path);
  if (!excluded || !existsSync(hostPath(`${directory}/${path}`))) return undefined;
  const file = ignore.file ?? "the ignore rules";
  return `Add "!${path}" after line ${line} of ${file}, where "${pattern}" excludes it.`;
}

/** A name in the same directory that is nearly the same. */
function suggestName(path: string, tree: FileTree): string | undefined {
  const directory = parentOf(path);
  const names = tree.children(directory).map((entry) => nameOf(entry.path));
  const name = suggest(nameOf(path), names);
  if (name === undefined) return undefined;
  return `Did you mean "${directory === "" ? name : `${directory}/${name}`}"?`;
}
