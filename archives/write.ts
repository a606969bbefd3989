// Writes an archive whose parts are known to a file or a stream.

import type { Writable } from "node:stream";
import type { ArchiveEntry } from "./entry.js";
import { outputError } from "./output-error.js";
import { TarFile } from "./tar-file.js";

/** Whole or not at all; devices, pipes and links are written through. @throws output_failed; what the entries throw */
export async function writeArchive(
  entries: AsyncIterable<ArchiveEntry>,
  dest: string | Writable,
  signal?: AbortSignal,
): Promise<void> {
  const file = new TarFile(dest, signal);
  try {
    for await (const entry of entries) await file.add(entry);
    await file.finish();
  } catch (error) {
    throw outputError(error, dest, signal);
  } finally {
    await file.close();
  }
}
