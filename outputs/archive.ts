// Writes a tar of plain names to a file or a stream, whole or not at all.

import { createWriteStream } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { isReplaceable, stageFile } from "../cache/index.js";
import { TsbuildError } from "../errors.js";

export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Devices, pipes and links are written through. @throws output_failed */
export async function writeArchive(
  entries: AsyncIterable<ArchiveEntry>,
  dest: string | Writable,
  signal?: AbortSignal,
): Promise<void> {
  try {
    if (typeof dest !== "string") await writeTo(entries, dest, signal);
    else if (isReplaceable(dest)) await replaceFile(entries, dest, signal);
    else await writeTo(entries, createWriteStream(dest), signal);
  } catch (error) {
    throw outputError(error, dest, signal);
  }
}

async function replaceFile(entries: AsyncIterable<ArchiveEntry>, dest: string, signal?: AbortSignal): Promise<void> {
  const staged = stageFile(dest);
  try {
    await writeTo(entries, createWriteStream(staged.path), signal);
    staged.commit();
  } finally {
    staged.end();
  }
}

/** Says that the place cannot be written; other errors of ours, and interruptions, are returned as they are. */
export function outputError(error: unknown, dest: string | Writable, signal?: AbortSignal): unknown {
  if (error instanceof TsbuildError || signal?.aborted) return error;
  const place = typeof dest === "string" ? `"${dest}"` : "the stream";
  const hint = ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")
    ? "Free space there, or choose a place on another filesystem."
    : "Choose a place that exists and may be written.";
  return new TsbuildError("output_failed", `cannot write ${place}: ${(error as Error).message}`, {
    cause: error,
    hint,
  });
}

async function writeTo(entries: AsyncIterable<ArchiveEntry>, output: Writable, signal?: AbortSignal): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(pack, output, signal ? { signal } : {});
  written.catch((error: Error) => pack.destroy(error));
  for await (const { name, size, content } of entries) {
    const entry = pack.entry({ name, size, mode: 0o644, mtime: new Date(0), type: "file" });
    await pipeline(Readable.from(content), entry);
  }
  pack.finalize();
  await written;
}
