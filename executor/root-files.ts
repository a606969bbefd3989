// Small files of a root filesystem that the builder itself reads: /etc/passwd, /etc/group.

import { closeSync, openSync, readSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import type { Entry, FileTree } from "../filesystem/index.js";
import type { Running } from "./context.js";
import type { LayerAccess, Snapshot } from "./layers/index.js";

/** More than any honest /etc/passwd has. */
const LIMIT = 8 << 20;

/** Texts by digest: steps on one image read the same ones. */
const known = new WeakMap<LayerAccess, Map<string, string>>();

/** The text of a file of the image, symlinks followed inside it; undefined when there is none. */
export async function readTextFile(
  execution: Pick<Running, "layers">,
  snapshot: Snapshot,
  path: string,
): Promise<string | undefined> {
  const tree = await execution.layers.tree(snapshot);
  const entry = tree.stat(path);
  if (entry?.type !== "file") return undefined;
  if (entry.size > LIMIT)
    throw new TsbuildError("bad_value", `"${path}" of the image has ${entry.size} bytes, expected at most ${LIMIT}`, {
      hint: "Write users and groups as numbers, which need no such file.",
    });
  const texts = known.get(execution.layers) ?? new Map<string, string>();
  known.set(execution.layers, texts);
  const text = (entry.digest && texts.get(entry.digest)) ?? (await readEntry(execution, snapshot, tree, entry));
  if (entry.digest) texts.set(entry.digest, text);
  return text;
}

async function readEntry(
  { layers }: Pick<Running, "layers">,
  snapshot: Snapshot,
  tree: FileTree,
  entry: Entry,
): Promise<string> {
  const layer = tree.layerOf(entry.path)!;
  await layers.prepareContent(snapshot, new Set([layer]));
  const { path: host, offset } = layers.contentOf(layer, entry);
  return readRegion(host, offset, entry.size).toString("utf8");
}

function readRegion(path: string | Buffer, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const fd = openSync(path, "r");
  try {
    let read = 0;
    while (read < size) {
      const count = readSync(fd, bytes, read, size - read, offset + read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}
