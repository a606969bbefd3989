// Small files of a root filesystem that the builder itself reads: /etc/passwd, /etc/group.

import { closeSync, openSync, readSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import type { Running } from "./context.js";
import type { Snapshot } from "./layers/index.js";

/** More than any honest /etc/passwd has. */
const LIMIT = 8 << 20;

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
    throw new TsbuildError("bad_value", `"${path}" of the image has ${entry.size} bytes, expected at most ${LIMIT}`);
  const layer = tree.layerOf(entry.path)!;
  await execution.layers.prepareContent(snapshot, new Set([layer]));
  const { path: host, offset } = execution.layers.contentOf(layer, entry);
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
