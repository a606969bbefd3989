// The blobs of an archive that was staged, as a place to read images from.

import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import type { Store } from "../../cache/index.js";
import { type BlobStore, type Descriptor, hexOf, Verifier } from "../../oci/index.js";
import { badArchive, type StagedArchive, type StagedFile } from "./stage.js";

export class StagedBlobs implements BlobStore {
  readonly #archive: StagedArchive;
  readonly #store: Store;

  /** @param store takes blobs, and answers for those that it has */
  constructor(archive: StagedArchive, store: Store) {
    this.#archive = archive;
    this.#store = store;
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.#store.blobs.hasSync(blob) || this.#find(blob)?.size === blob.size;
  }

  async open(blob: Descriptor): Promise<Readable> {
    if (this.#store.blobs.hasSync(blob)) return this.#store.open(blob);
    const file = this.#find(blob);
    if (!file) throw badArchive(`the archive has no blob ${blob.digest}`);
    return pipeline(createReadStream(file.path), new Verifier(blob), () => {}); // a failure reaches whoever reads it
  }

  async put(): Promise<never> {
    throw new Error("an archive is only read");
  }

  /** Moves a blob into the store, unless it is there. @throws bad_archive */
  take(blob: Descriptor): void {
    const { blobs } = this.#store;
    if (blobs.hasSync(blob)) return;
    const file = this.#find(blob);
    if (!file) throw badArchive(`the archive has no blob ${blob.digest}`);
    if (file.digest !== blob.digest || file.size !== blob.size)
      throw badArchive(
        `blob ${blob.digest}: expected ${blob.size} bytes with this digest, found ${file.size} bytes with ${file.digest}`,
      );
    blobs.adopt(file.path, blob.digest);
  }

  #find({ digest }: Descriptor): StagedFile | undefined {
    return this.#archive.get(`blobs/sha256/${hexOf(digest)}`);
  }
}
