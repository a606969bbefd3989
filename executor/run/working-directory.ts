// The working directory of a RUN: when the image has none of that name, it is made, and is part of the layer (S-117).

import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type FileTree, hostPath, joinPath } from "../../filesystem/index.js";
import { likeEntry } from "../like-entry.js";

/** @param upper what the step writes to: its upper directory, whose root is there, or its whole root */
export function makeWorkingDirectory(upper: string, tree: FileTree, cwd: string): void {
  const path = tree.resolve(cwd);
  if (path === "" || tree.get(path)) return;
  const names = path.split("/");
  const known: string[] = [];
  for (let depth = 1, at = ""; depth <= names.length; depth++) {
    at = joinPath(at, names[depth - 1]!);
    mkdirSync(hostPath(join(upper, at)), { recursive: true }); // a whole root has it
    if (tree.get(at)) known.unshift(at);
    else chmodSync(hostPath(join(upper, at)), 0o755);
  }
  for (const existing of [...known, ""]) likeEntry(join(upper, existing), tree.get(existing)!);
}
