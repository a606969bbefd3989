// What the readers of packages need of an image: its files as data, and the content of some of them.

import type { Entry, FileTree } from "../filesystem/index.js";

export interface PackageFiles {
  readonly tree: FileTree;
  /** The content of a file, or a piece of it. Shorter than `length` at the end of the file. */
  read(entry: Entry, piece?: { readonly start: number; readonly length: number }): Promise<Uint8Array>;
}

/** More than any honest list of packages has. */
const LIMIT = 64 << 20;

/** The text of a file, symlinks followed; undefined when there is none, or one that is too large to be a list. */
export async function readText(files: PackageFiles, path: string): Promise<string | undefined> {
  const entry = files.tree.stat(path);
  if (entry?.type !== "file" || entry.size > LIMIT) return undefined;
  return Buffer.from(await files.read(entry)).toString("utf8");
}

/** `Name: value` lines as dpkg, apk and Python write them; a line that begins with a space goes on with the one before. */
export function parseFields(paragraph: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of paragraph.split("\n")) {
    const continued = /^[ \t]/.test(line) && last !== undefined;
    const colon = line.indexOf(":");
    if (continued) fields.set(last!, `${fields.get(last!)!}\n${line.trim()}`);
    else if (colon > 0) fields.set((last = line.slice(0, colon)), line.slice(colon + 1).trim());
  }
  return fields;
}
