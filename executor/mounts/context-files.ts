// Files of a build context as a step may see them: copied out of it, so that they stay what the step's key says.

import { join } from "node:path";
import { stagedName } from "../../cache/index.js";
import { contentDigest, copyTree, FileTree } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import type { Execution } from "../context.js";
import { type LayerAccess, type LayerForm, unpackOptions } from "../layers/index.js";
import type { Selection } from "./selection.js";

/** Directories by what is in them, of the build whose layers these are. */
const made = new WeakMap<LayerAccess, Map<string, Promise<string>>>();

/**
 * A directory with the selected files, which nobody may write to. Steps of one build that mount the same files have the same one; it
 * goes with this process's scratch directory.
 * @param own a missing directory that is made in place of the common one
 * @throws source_not_found, source_changed, store_full, store_unwritable, interrupted
 */
export function contextFiles(
  execution: Execution,
  selection: Selection,
  form: LayerForm,
  own?: string,
): Promise<string> {
  if (own !== undefined) return copyOut(execution, selection, form, own);
  const known = made.get(execution.layers) ?? new Map<string, Promise<string>>();
  made.set(execution.layers, known);
  const key = [form, contentDigest(selection.entries), timesOf(selection)].join(" ");
  const files =
    known.get(key) ?? copyOut(execution, selection, form, stagedName(join(execution.store.scratch(), "context")));
  known.set(key, files);
  files.catch(() => known.delete(key));
  return files;
}

/** A step sees them, though they are no part of a content digest. */
function timesOf({ entries }: Selection): string {
  return sha256(entries.map(({ mtime, mtimeNs }) => `${mtime}.${mtimeNs}`).join());
}

async function copyOut(
  { signal }: Execution,
  { entries, contentOf }: Selection,
  form: LayerForm,
  directory: string,
): Promise<string> {
  await copyTree(FileTree.of(entries), directory, { ...unpackOptions(form), contentOf, signal });
  return directory;
}
