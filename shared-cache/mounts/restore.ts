// A mount's content on its way in: the packs that it needs, then its tar out of their chunks, verified.

import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import PQueue from "p-queue";
import { TsbuildError } from "../../errors.js";
import { Digester, hexOf, type ImageStore, sha256, Verifier } from "../../oci/index.js";
import type { PlaceOptions } from "../place.js";
import { LARGEST } from "./chunks.js";
import { type MountsIndex, numbersOf, type Pack, packBlob, type PackedChunk, type SavedMount } from "./format.js";

/** Packs that are fetched at the same time. */
const AT_ONCE = 4;

interface Place {
  readonly chunk: PackedChunk;
  readonly pack: Pack;
  readonly offset: number;
}

/**
 * Fetches what a mount needs into `directory`, which the caller removes when the tar is read.
 * @returns the tar; it fails at its end when it is not what was saved
 * @throws what the store throws
 */
export async function restoreTar(
  mount: SavedMount,
  index: MountsIndex,
  store: ImageStore,
  directory: string,
  options: PlaceOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const places = placesOf(index);
  const needed = numbersOf(mount.chunks).map((number) => places[number]!);
  mkdirSync(directory, { recursive: true });
  await fetchAll(new Set(needed.map(({ pack }) => pack)), (pack) => fetch(pack, store, directory, options));
  return joined(mount, needed, directory);
}

/** When it fails, nothing moves any more: the caller may remove what is there. */
async function fetchAll(packs: ReadonlySet<Pack>, fetchOne: (pack: Pack) => Promise<void>): Promise<void> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  let failure: unknown;
  for (const pack of packs) {
    const fetched = queue.add(() => fetchOne(pack));
    fetched.catch((error: unknown) => {
      failure ??= error;
      queue.clear();
    });
  }
  await queue.onIdle();
  if (failure !== undefined) throw failure;
}

async function fetch(pack: Pack, store: ImageStore, directory: string, { signal }: PlaceOptions): Promise<void> {
  const aborting = signal ? { signal } : {};
  const blob = packBlob(pack);
  const content = await store.open(blob, aborting);
  const output = createWriteStream(join(directory, hexOf(pack.digest)), { flags: "w" });
  await pipeline(content, new Verifier(blob), output, aborting);
}

function placesOf({ packs }: MountsIndex): Place[] {
  return packs.flatMap((pack) => {
    let offset = 0;
    return pack.chunks.map((chunk) => {
      const place = { chunk, pack, offset };
      offset += chunk.length;
      return place;
    });
  });
}

async function* joined(
  mount: SavedMount,
  needed: readonly Place[],
  directory: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = new Digester();
  const files = new Map<Pack, FileHandle>();
  try {
    for (const place of needed) {
      const file = files.get(place.pack) ?? (await open(join(directory, hexOf(place.pack.digest))));
      files.set(place.pack, file);
      const bytes = await readChunk(place, file);
      digester.update(bytes);
      yield bytes;
    }
    if (digester.digest !== mount.tar || digester.size !== mount.size)
      throw mismatch(`the cache mount "${mount.id}"`, mount.tar, digester.digest);
  } finally {
    for (const file of files.values()) await file.close();
  }
}

async function readChunk({ chunk, offset }: Place, file: FileHandle): Promise<Uint8Array> {
  const { length, size, digest } = chunk;
  if (size > LARGEST || length > size) throw mismatch("a chunk", digest, `${size} bytes`);
  const stored = Buffer.alloc(length);
  await file.read(stored, 0, length, offset);
  const bytes = length === size ? stored : await inflated(chunk, stored);
  if (sha256(bytes) !== digest) throw mismatch("a chunk", digest, sha256(bytes));
  return bytes;
}

async function inflated({ size, digest }: PackedChunk, stored: Buffer): Promise<Buffer> {
  try {
    return await promisify(inflateRaw)(stored, { maxOutputLength: size });
  } catch (cause) {
    throw mismatch("a chunk", digest, (cause as Error).message);
  }
}

function mismatch(what: string, expected: string, found: string): TsbuildError {
  return new TsbuildError("digest_mismatch", `${what}: expected ${expected}, read ${found}`);
}

/** Removes the packs when the tar was read, or nobody reads on. */
export async function* withoutRest(tar: AsyncIterable<Uint8Array>, directory: string): AsyncGenerator<Uint8Array> {
  try {
    yield* tar;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
