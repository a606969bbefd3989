// The caches that a build reads: their indexes, loaded once when the store knows no answer, and their layers, fetched when
// something reads them. What they promise and do not keep is forgotten, and never fails a build.

import type { Readable } from "node:stream";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { SharedLayer } from "../executor/index.js";
import { type BlobStore, type Descriptor, type Digest, MediaType, type ReadOptions } from "../oci/index.js";
import type { BuildFact } from "../progress.js";
import { type RecordWithBlob, recordsOf } from "./groups.js";
import { type CacheIndex, factOf } from "./format.js";
import type { CachePlace } from "./place.js";

export interface ImportOptions {
  readonly store: Store;
  /** Names of caches that this build writes: that one is not there yet is no news. */
  readonly written: ReadonlySet<string>;
  readonly emit: (fact: BuildFact) => void;
  readonly signal?: AbortSignal;
}

/** A cache that was found. */
export interface Imported {
  readonly place: CachePlace;
  readonly index: CacheIndex;
  readonly byKey: ReadonlyMap<string, RecordWithBlob>;
  readonly byContent: ReadonlyMap<Digest, RecordWithBlob>;
}

export class CacheImports {
  readonly #places: readonly CachePlace[];
  readonly #options: ImportOptions;
  readonly #lost = new Set<Digest>();
  #loading: Promise<readonly Imported[]> | undefined;

  /** @param places in the order in which they are asked */
  constructor(places: readonly CachePlace[], options: ImportOptions) {
    this.#places = places;
    this.#options = options;
  }

  /** Blobs that were promised and could not be had. */
  get lost(): ReadonlySet<Digest> {
    return this.#lost;
  }

  trusts(source: string): boolean {
    return this.#places.some(({ name }) => name === source);
  }

  /** The first cache that has the key with a layer; else the first that knows what the layer says. */
  async find(key: string): Promise<SharedLayer | undefined> {
    const found = (await this.#load()).flatMap(({ place, byKey }) => this.#believed(place, byKey.get(key)));
    return found.find(({ layer }) => layer.blob !== undefined) ?? found[0];
  }

  async findContent(content: Digest): Promise<SharedLayer | undefined> {
    return (await this.#load()).flatMap(({ place, byContent }) => this.#believed(place, byContent.get(content)))[0];
  }

  /** Where a blob of this layer is in the repository of `place`, without asking anybody. */
  async knownIn({ reference, name }: CachePlace, diffID: Digest): Promise<Descriptor | undefined> {
    const isThere = ({ place }: Imported) =>
      place.name === name ||
      (reference !== undefined &&
        place.reference?.registry === reference.registry &&
        place.reference.repository === reference.repository);
    const records = (await this.#load()).filter(isThere).flatMap(({ byKey }) => [...byKey.values()]);
    return records.find((record) => record.diffID === diffID && record.blob && !this.#lost.has(record.blob.digest))
      ?.blob;
  }

  /** Those that can be read, in the order in which they are asked. */
  all(): Promise<readonly Imported[]> {
    return this.#load();
  }

  /** Whether this build reads `place`, so that `indexOf` knows its index. */
  reads(place: CachePlace): boolean {
    return this.#places.includes(place);
  }

  /** The index as it was when the build began. @returns undefined when there was none that can be read */
  async indexOf(place: CachePlace): Promise<CacheIndex | undefined> {
    return (await this.#load()).find((imported) => imported.place === place)?.index;
  }

  distrust(blob: Digest): void {
    if (this.#lost.has(blob)) return;
    this.#lost.add(blob);
    this.#warn(`a shared cache has another layer at ${blob} than it says, so its step runs here`);
  }

  /** The layers of the cache called `name`. */
  open(name: string): BlobStore {
    const place = this.#places.find((one) => one.name === name);
    if (!place) throw new Error(`no build reads the cache ${name}`);
    return {
      has: (blob) => place.blobs.has(blob),
      put: async () => {
        throw new Error("a cache that is read is not written to");
      },
      open: (blob, options) => this.#openBlob(place, blob, options),
    };
  }

  #believed(place: CachePlace, record: RecordWithBlob | undefined): SharedLayer[] {
    if (!record) return [];
    const { diffID, size, duration, blob } = record;
    const tar = { mediaType: MediaType.layer, digest: diffID, size };
    const isHere = this.#options.store.blobs.hasSync(tar);
    if (!isHere && this.#lost.has(blob?.digest ?? diffID)) return [];
    const layer = { ...factOf(record), ...(!isHere && blob && { blob }) };
    const reference = place.reference && { reference: place.reference };
    return [{ layer, duration, origin: { kind: "cache", cache: place.name, ...reference } }];
  }

  async #openBlob(place: CachePlace, blob: Descriptor, options?: ReadOptions): Promise<Readable> {
    try {
      const content = await this.#openVerified(place, blob, options);
      content.once("error", (error) => this.#lose(place, blob, error));
      return content;
    } catch (error) {
      this.#lose(place, blob, error);
      throw error;
    }
  }

  /** A layer without a blob is one of a step beside the image: only what it says is known. */
  async #openVerified(place: CachePlace, blob: Descriptor, options?: ReadOptions): Promise<Readable> {
    const layers = (await this.indexOf(place))?.layers;
    if (layers?.some(({ digest }) => digest === blob.digest)) return place.blobs.open(blob, options);
    this.#lost.add(blob.digest); // only what it says was promised: there is nothing to warn of
    throw new TsbuildError("blob_not_found", `the cache ${place.name} has no layer ${blob.digest}`);
  }

  #lose({ name }: CachePlace, { digest }: Descriptor, error: unknown): void {
    if (this.#options.signal?.aborted || this.#lost.has(digest)) return;
    if ((error as Error).name === "AbortError" || (error as TsbuildError).code === "interrupted") return;
    this.#lost.add(digest);
    this.#warn(`the cache ${name} gives no layer ${digest}, so its step runs here: ${(error as Error).message}`);
  }

  #load(): Promise<readonly Imported[]> {
    return (this.#loading ??= Promise.all(this.#places.map((place, i) => this.#import(place, i))).then((all) =>
      all.flatMap((imported) => imported ?? []),
    ));
  }

  /** A cache that is not there, or is something else, is no failure. */
  async #import(place: CachePlace, position: number): Promise<Imported | undefined> {
    const { emit, signal } = this.#options;
    const vertex = `cache-from ${position}`;
    emit({ type: "vertex", vertex, name: `importing cache from ${place.name}`, inputs: [] });
    emit({ type: "started", vertex });
    try {
      const index = await place.readIndex(signal ? { signal } : {});
      if (!index && !this.#options.written.has(place.name)) this.#warn(`there is no cache at ${place.name}`);
      return index && indexed(place, index);
    } catch (error) {
      if (!(error instanceof TsbuildError) || signal?.aborted) throw error;
      this.#warn(`the cache at ${place.name} is not used: ${error.message}`);
      return undefined;
    } finally {
      emit({ type: "done", vertex, cached: false });
    }
  }

  #warn(message: string): void {
    this.#options.emit({ type: "warning", rule: "--cache-from", message });
  }
}

function indexed(place: CachePlace, index: CacheIndex): Imported {
  const records = index.groups.flatMap((group) => recordsOf(group, index.layers));
  const sorted = [...records.filter(({ blob }) => !blob), ...records.filter(({ blob }) => blob)]; // the last one counts
  return {
    place,
    index,
    byKey: new Map(sorted.map((record) => [record.key, record])),
    byContent: new Map(sorted.filter(({ blob }) => blob).map((record) => [record.content, record])),
  };
}
