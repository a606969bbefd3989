// The files of an image as a plain tar: `-o type=tar`.

import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { outputError } from "../../archives/index.js";
import { isReplaceable, stageFile, type Store, stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { packChanges } from "../../filesystem/index.js";
import type { RootFiles } from "./root-files.js";

export interface TarOptions {
  readonly store: Store;
  readonly signal?: AbortSignal;
}

/** What is full is where the tar goes, and not the store. */
function isFull(error: unknown): error is TsbuildError {
  return error instanceof TsbuildError && error.code === "store_full" && error.cause !== undefined;
}

/** Writes a file whole or not at all; what goes to a stream, a device or a pipe waits in the store's scratch directory until it is whole. @throws output_failed */
export async function writeRootTar(
  { entries, contentOf }: RootFiles,
  dest: string | Writable,
  { store, signal }: TarOptions,
): Promise<void> {
  const aborting = signal ? { signal } : {};
  const pack = (output: string) => packChanges(entries, { contentOf, output, ...aborting });
  try {
    if (typeof dest === "string" && isReplaceable(dest)) return await replaceFile(dest, pack);
    await writeThrough(dest, pack, { store, ...aborting });
  } catch (error) {
    throw outputError(isFull(error) && typeof dest === "string" ? error.cause : error, dest, signal);
  }
}

type Pack = (output: string) => Promise<unknown>;

async function writeThrough(dest: string | Writable, pack: Pack, { store, signal }: TarOptions): Promise<void> {
  const staged = stagedName(join(store.scratch(), "root.tar"));
  try {
    await pack(staged);
    const through = typeof dest === "string" ? createWriteStream(dest) : dest;
    const content = createReadStream(staged, { highWaterMark: 1 << 20 });
    await pipeline(content, through, { end: through !== dest, ...(signal && { signal }) });
  } finally {
    rmSync(staged, { force: true });
  }
}

async function replaceFile(dest: string, pack: Pack): Promise<void> {
  const staged = stageFile(dest);
  try {
    await pack(staged.path);
    staged.commit();
  } finally {
    staged.end();
  }
}
