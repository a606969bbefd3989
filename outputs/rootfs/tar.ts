// The files of an image as a plain tar: `-o type=tar`.

import { createReadStream, createWriteStream, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isReplaceable, makeDirectories, type Store, stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { packChanges } from "../../filesystem/index.js";
import { outputError } from "../archive.js";
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
  const file = typeof dest === "string" && isReplaceable(dest) ? dest : undefined;
  const staged = stagedName(file ?? join(store.scratch(), "root.tar"));
  try {
    if (file !== undefined) makeDirectories(dirname(file));
    await packChanges(entries, { contentOf, output: staged, ...aborting });
    if (file !== undefined) return renameSync(staged, file);
    const through = typeof dest === "string" ? createWriteStream(dest) : dest;
    const end = through !== dest;
    await pipeline(createReadStream(staged, { highWaterMark: 1 << 20 }), through, { ...aborting, end });
  } catch (error) {
    throw outputError(isFull(error) && typeof dest === "string" ? error.cause : error, dest, signal);
  } finally {
    rmSync(staged, { force: true });
  }
}
