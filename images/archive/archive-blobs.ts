// The blobs of an archive that is loaded, as a place to read images from: those that are in the store already, from there.

import { Readable } from "node:stream";
import { type ArchiveImages, badArchive } from "../../archives/index.js";
import type { Store } from "../../cache/index.js";
import type { BlobStore, Descriptor } from "../../oci/index.js";

export class ArchiveBlobs implements BlobStore {
  readonly #archive: ArchiveImages;
  readonly #store: Store;

  /** @param store takes blobs, and answers for those that it has */
  constructor(archive: ArchiveImages, store: Store) {
    this.#archive = archive;
    this.#store = store;
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.#store.blobs.hasSync(blob) || this.#archive.has(blob);
  }

  async open(blob: Descriptor): Promise<Readable> {
    if (this.#store.blobs.hasSync(blob)) return this.#store.open(blob);
    if (!this.#archive.content(blob)) throw lacks(blob);
    return this.#archive.open(blob);
  }

  async put(): Promise<never> {
    throw new Error("an archive is only read");
  }

  /** Moves a blob into the store, unless it is there. @throws bad_archive */
  async take(blob: Descriptor): Promise<void> {
    const { blobs } = this.#store;
    if (blobs.hasSync(blob)) return;
    const found = this.#archive.content(blob);
    if (!found) throw lacks(blob);
    if (!(found instanceof Uint8Array) && found.digest === undefined)
      return this.#store.put(blob, await this.#archive.open(blob)); // where it is, it stays
    if (found instanceof Uint8Array) return this.#store.put(blob, Readable.from([found], { objectMode: false }));
    if (found.digest !== blob.digest || found.size !== blob.size)
      throw badArchive(
        `blob ${blob.digest}: expected ${blob.size} bytes with this digest, found ${found.size} bytes with ${found.digest}`,
      );
    blobs.adopt(found.path, blob.digest);
  }
}

function lacks({ digest }: Descriptor): Error {
  return badArchive(`the archive has no blob ${digest}`);
}
