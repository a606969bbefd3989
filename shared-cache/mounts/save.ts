// A mount's content on its way out: only chunks that are nowhere yet travel, many in one pack.

import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { type Digest, Digester, type ImageStore, sha256 } from "../../oci/index.js";
import type { PlaceOptions } from "../place.js";
import { chunksOf } from "./chunks.js";
import {
  type MountsIndex,
  numbersOf,
  type Pack,
  packBlob,
  type PackedChunk,
  rangesOf,
  type SavedMount,
} from "./format.js";

const PACK_SIZE = 16 << 20;
/** A pack of which less than this part is in use is not used any more. */
const LEAST_USED = 0.5;

export interface Saved {
  readonly index: MountsIndex;
  /** Bytes of new packs. */
  readonly sent: number;
}

type Name = Omit<SavedMount, "tar" | "size" | "chunks">;

/**
 * Adds the tar to what `index` has, in the place of what it had under its key.
 * @param tar path of the mount's tar
 * @throws what the store throws
 */
export async function saveTar(
  tar: string,
  name: Name,
  index: MountsIndex,
  store: ImageStore,
  options: PlaceOptions,
): Promise<Saved> {
  const others = index.mounts.filter(({ key }) => key !== name.key);
  const known = chunkNumbers(usablePacks(index, others));
  const packs = new PackWriter(store, options);
  const digester = new Digester();
  const chunks: (number | Digest)[] = [];
  for await (const chunk of chunksOf(createReadStream(tar, { highWaterMark: 1 << 20 }))) {
    digester.update(chunk);
    const digest = sha256(chunk);
    chunks.push(known.get(digest) ?? digest);
    if (!known.has(digest)) await packs.add(digest, chunk);
  }
  const added = await packs.finish();
  const all = [...index.packs, ...added];
  const numbers = chunkNumbers(all);
  const mount = {
    ...name,
    tar: digester.digest,
    size: digester.size,
    chunks: rangesOf(chunks.map((chunk) => (typeof chunk === "number" ? chunk : numbers.get(chunk)!))),
  };
  return {
    index: withoutUnused({ ...index, packs: all, mounts: [...others, mount] }),
    sent: added.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Packs with gaps are given up once most of what they have is of nobody else. Their places in the numbering stay. */
function usablePacks(index: MountsIndex, others: readonly SavedMount[]): (Pack | undefined)[] {
  const ofOthers = new Set(others.flatMap(({ chunks }) => numbersOf(chunks)));
  const inUse = new Set(index.mounts.flatMap(({ chunks }) => numbersOf(chunks)));
  let first = 0;
  return index.packs.map((pack) => {
    const numbers = pack.chunks.map((_, i) => first + i);
    first += pack.chunks.length;
    if (numbers.some((number) => ofOthers.has(number))) return pack;
    const used = pack.chunks.filter((_, i) => inUse.has(numbers[i]!));
    return lengthOf(used) >= LEAST_USED * pack.size ? pack : { ...pack, chunks: pack.chunks.map(unusable) };
  });
}

/** A chunk that nothing is equal to. */
function unusable(chunk: PackedChunk): PackedChunk {
  return { ...chunk, digest: "" as Digest };
}

function chunkNumbers(packs: readonly (Pack | undefined)[]): Map<Digest, number> {
  const chunks = packs.flatMap((pack) => pack?.chunks ?? []);
  return new Map(chunks.map(({ digest }, number) => [digest, number]));
}

function lengthOf(chunks: readonly PackedChunk[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** Drops packs that no mount needs, and counts anew. */
function withoutUnused({ packs, mounts, ...index }: MountsIndex): MountsIndex {
  const used = new Set(mounts.flatMap(({ chunks }) => numbersOf(chunks)));
  const renumbered = new Map<number, number>();
  let [old, next] = [0, 0];
  const kept = packs.filter(({ chunks }) => {
    const numbers = chunks.map((_, i) => old + i);
    old += chunks.length;
    if (!numbers.some((number) => used.has(number))) return false;
    for (const number of numbers) renumbered.set(number, next++);
    return true;
  });
  const moved = mounts.map((mount) => ({
    ...mount,
    chunks: rangesOf(numbersOf(mount.chunks).map((number) => renumbered.get(number)!)),
  }));
  return { ...index, packs: kept, mounts: moved };
}

/** The index without some mounts. */
export function withoutMounts(index: MountsIndex, keys: ReadonlySet<string>): MountsIndex {
  return withoutUnused({ ...index, mounts: index.mounts.filter(({ key }) => !keys.has(key)) });
}

/** Collects chunks, and stores a pack as soon as it is full. */
class PackWriter {
  readonly #store: ImageStore;
  readonly #options: PlaceOptions;
  readonly #packs: Pack[] = [];
  readonly #seen = new Set<Digest>();
  #parts: { readonly chunk: PackedChunk; readonly bytes: Buffer }[] = [];
  #size = 0;

  constructor(store: ImageStore, options: PlaceOptions) {
    this.#store = store;
    this.#options = options;
  }

  async add(digest: Digest, bytes: Buffer): Promise<void> {
    if (this.#seen.size === this.#seen.add(digest).size) return;
    const deflated = await promisify(deflateRaw)(bytes, { level: 3 });
    const stored = deflated.length < bytes.length ? deflated : Buffer.from(bytes);
    this.#parts.push({ chunk: { digest, length: stored.length, size: bytes.length }, bytes: stored });
    this.#size += stored.length;
    if (this.#size >= PACK_SIZE) await this.#write();
  }

  async finish(): Promise<readonly Pack[]> {
    if (this.#parts.length > 0) await this.#write();
    return this.#packs;
  }

  async #write(): Promise<void> {
    const bytes = Buffer.concat(this.#parts.map((part) => part.bytes));
    const pack = { digest: sha256(bytes), size: bytes.length, chunks: this.#parts.map(({ chunk }) => chunk) };
    this.#parts = [];
    this.#size = 0;
    const blob = packBlob(pack);
    const reopen = async () => Readable.from([bytes]);
    if (!(await this.#store.has(blob))) await this.#store.put(blob, await reopen(), { ...this.#options, reopen });
    this.#packs.push(pack);
  }
}
