// The files of layers, for whoever writes them in another form: indexes, and where on disk the bytes are.

import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Store, stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import type { Layer } from "../../executor/index.js";
import { type Entry, type FileRegion, type LayerChange, type LayerIndex, readLayer } from "../../filesystem/index.js";
import { type BlobStore, decompress, type Digest } from "../../oci/index.js";

export interface OpenLayer {
  readonly index: LayerIndex;
  /** Where the content of a file of the index is; not asked for empty ones and for further names of a file. */
  readonly contentOf: (entry: Entry) => FileRegion;
  /** The uncompressed tar. */
  readonly tar: string;
}

export class LayerContents {
  readonly #store: Store;
  readonly #source: BlobStore;
  readonly #signal: AbortSignal | undefined;
  readonly #open = new Map<Digest, Promise<OpenLayer>>();

  /** @param source has the blobs that the store lacks. What is uncompressed for the purpose waits in the scratch directory. */
  constructor(store: Store, source: BlobStore, signal?: AbortSignal) {
    this.#store = store;
    this.#source = source;
    this.#signal = signal;
  }

  /** @throws digest_mismatch, bad_archive, blob_not_found */
  open(layer: Layer): Promise<OpenLayer> {
    const known = this.#open.get(layer.diffID);
    if (known) return known;
    const opened = this.#known(layer) ?? this.#unpack(layer);
    this.#open.set(layer.diffID, opened);
    return opened;
  }

  /** A layer whose tar lies in the store with all files in one piece: nothing has to be read. */
  #known({ diffID, blob }: Layer): Promise<OpenLayer> | undefined {
    if (blob.digest !== diffID || !this.#store.blobs.hasSync(blob)) return undefined;
    const index = this.#store.layerIndex(diffID);
    if (!index || index.changes.some(isScattered)) return undefined;
    const tar = this.#store.fileOf(diffID);
    return Promise.resolve({ index, tar, contentOf: ({ offset }) => ({ path: tar, offset: offset! }) });
  }

  async #unpack({ diffID, blob }: Layer): Promise<OpenLayer> {
    const tar = stagedName(join(this.#store.scratch(), "layer.tar"));
    const sink = new ScatteredFiles(() => stagedName(join(this.#store.scratch(), "file")));
    const content = decompress(await this.#source.open(blob), blob);
    const index = await readLayer(keeping(content, tar), sink, this.#signal ? { signal: this.#signal } : {});
    if (index.diffID !== diffID)
      throw new TsbuildError(
        "digest_mismatch",
        `layer ${blob.digest}: expected diffID ${diffID}, unpacked ${index.diffID}`,
      );
    this.#store.putLayerIndex(index);
    const contentOf = ({ path, hardlink, offset }: Entry) =>
      offset === undefined ? { path: sink.places.get(hardlink ?? path)!, offset: 0 } : { path: tar, offset };
    return { index, tar, contentOf };
  }
}

/** Writes what passes by to a file. */
async function* keeping(content: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  const fd = openSync(path, "wx", 0o600);
  try {
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
      yield chunk;
    }
  } finally {
    closeSync(fd);
  }
}

/** Sparse files are not in one piece in a tar: each gets a file of its own. */
class ScatteredFiles {
  readonly places = new Map<string, string>();
  readonly #newPlace: () => string;
  #fd: number | undefined;

  constructor(newPlace: () => string) {
    this.#newPlace = newPlace;
  }

  begin(change: LayerChange): void {
    if (!isScattered(change)) return;
    const place = this.#newPlace();
    this.places.set(change.path, place);
    this.#fd = openSync(place, "wx", 0o600);
  }

  content(bytes: Uint8Array): void {
    if (this.#fd === undefined) return;
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
  }

  end(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

export function isScattered(change: LayerChange): boolean {
  return change.type === "file" && change.size > 0 && change.hardlink === undefined && change.offset === undefined;
}
