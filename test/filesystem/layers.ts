// What the layer tests share: temporary directories, packing of literals, and indexes without what depends on places.

import { createReadStream, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Entry, type LayerChange, type LayerIndex, packChanges, removeTree } from "../../filesystem/index.js";

/** A directory that is removed when the test ends. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "tsbuild-test-"));
  onTestFinished(() => removeTree(path));
  return path;
}

/** Packs changes whose files have the contents given by path; others are as many zeros as their size says. */
export function packed(
  changes: readonly LayerChange[],
  output: string,
  contents: Record<string, Uint8Array | string> = {},
): Promise<LayerIndex> {
  const contentOf = (entry: Entry) => Buffer.from(contents[entry.path] ?? Buffer.alloc(entry.size));
  return packChanges(changes, { contentOf, output });
}

export function readFileInPieces(path: string, pieceSize = 65536): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: pieceSize });
}

/** The bytes in pieces of the given size, the way a slow source hands them out. */
export async function* pieces(bytes: Uint8Array, size = 65536): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Changes without offsets, which depend on the tar's layout. */
export function withoutOffsets(changes: readonly LayerChange[]): LayerChange[] {
  return changes.map((change) => {
    if (change.type === "whiteout" || change.type === "opaque") return change;
    const { offset: _, ...entry } = change;
    return entry;
  });
}
