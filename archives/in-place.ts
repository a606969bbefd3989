// The files of an archive where they are in it: a plain tar is not unpacked to be read.

import { createReadStream, mkdirSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Store, stagedName, storeError } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { readTar, type TarMember } from "../filesystem/index.js";
import { compressionOfBytes } from "../oci/index.js";
import { Members } from "./members.js";
import { stageArchive } from "./staged.js";

export interface OpenArchiveOptions {
  /** A compressed archive is unpacked into its scratch directory. */
  readonly store: Pick<Store, "scratch">;
  readonly signal?: AbortSignal | undefined;
}

/** @throws bad_archive, interrupted, store_full */
export async function openArchive(path: string, { store, signal }: OpenArchiveOptions): Promise<Members> {
  const where = `"${path}"`;
  if (await isPlainFile(path)) return membersIn(path, signal);
  const directory = stagedName(join(store.scratch(), "archive"));
  try {
    mkdirSync(directory);
    return await stageArchive(createReadStream(path), { directory, where, signal });
  } catch (error) {
    throw storeError(error, directory);
  }
}

async function membersIn(path: string, signal?: AbortSignal): Promise<Members> {
  const members = new Members(`"${path}"`);
  const visitor = {
    member(member: TarMember): void {
      const { path: name, type, size, offset } = member;
      if (members.link(member) || type !== "file" || offset === undefined) return;
      members.add(name, { path, offset, size: size ?? 0 });
    },
    content() {},
    end() {},
  };
  await readTar(createReadStream(path, { highWaterMark: 1 << 20 }), visitor, signal ? { signal } : {});
  return members;
}

/** Whether it can be read here and there, as pipes and compressed archives cannot. @throws bad_archive */
async function isPlainFile(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw isDirectory(path);
    return found.isFile() && compressionOfBytes(await firstBytes(path)) === "plain";
  } catch (cause) {
    if (cause instanceof TsbuildError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new TsbuildError("bad_archive", `cannot read "${path}": ${code}`, {
      cause,
      hint: "Give the path of an archive that exists and may be read.",
    });
  }
}

/** As many as tell how an archive is compressed. */
async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isDirectory(path: string): TsbuildError {
  return new TsbuildError("bad_archive", `expected an archive, found the directory "${path}"`, {
    hint: `Give a tar; an image layout in a directory is oci:${path}.`,
  });
}
