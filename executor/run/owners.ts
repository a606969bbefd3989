// Owners that a step gives to files where the disk can have one user's only.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeName, knownOwners } from "../../filesystem/index.js";
import type { Execution } from "../context.js";
import type { ExitStatus } from "../sandbox/index.js";
import type { Place } from "./run.js";

/** Where a step notes owners that its files cannot have, in the directory of its `Place`. */
export const ownerNotesIn = (directory: string): string => join(directory, "owners");

/** The file of notes, begun with what the layers below have; one that goes on from a root goes on with its notes. */
export function noteOwners({ directory, tree }: Pick<Place, "directory" | "tree">): string {
  const path = ownerNotesIn(directory);
  if (!existsSync(path)) writeFileSync(path, encodeName(knownOwners(tree)));
  return path;
}

const warned = new WeakSet<Execution["background"]>();

/** Once in a build. */
export function warnOfOwners({ background, emit }: Execution, { unkeptOwners: reason }: ExitStatus): void {
  if (reason === undefined || warned.has(background)) return;
  warned.add(background);
  const message = `owners that steps give to files cannot be kept here, and chown fails in them: ${reason}; see tsbuild doctor`;
  emit({ type: "warning", rule: "owners", message });
}
