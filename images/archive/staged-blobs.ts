// The blobs of an archive that was staged, as a place to read images from.

import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import type { Store } from "../../cache/index.js";
import { type BlobStore, type Descriptor, hexOf, Verifier } from "../../oci/index.js";
import { badArchive, type StagedArchive, type StagedFile } from "./stage.js";

export class StagedBlobs implements BlobStore {
  readonly #archive: StagedArchive;

  constructor(archive: StagedArchive) {
    this.#archive = archive;
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.#find(blob)?.size === blob.size;
  }

  async open(blob: Descriptor): Promise<Readable> {
    const file = this.#find(blob);
    if (!file) throw badArchive(`the archive has no blob ${blob.digest}`);
    return pipeline(createReadStream(file.path), new Verifier(blob), () => {}); // a failure reaches whoever reads it
  }

  async put(): Promise<never> {
    throw new Error("an archive is only read");
  }

  /** Moves a blob into the store; one that only the store has is taken from there. @throws bad_archive */
  moveTo(store: Store, blob: Descriptor): void {
    if (store.blobs.hasSync(blob)) return;
    const file = this.#find(blob);
    if (!file) throw badArchive(`the archive has no blob ${blob.digest}`);
    if (file.digest !== blob.digest || file.size !== blob.size)
      throw badArchive(
        `blob ${blob.digest}: expected ${blob.size} bytes with this digest, found ${file.size} bytes with ${file.digest}`,
      );
    store.blobs.adopt(file.path, blob.digest);
  }

  #find({ digest }: Descriptor): StagedFile | undefined {
    return this.#archive.get(`blobs/sha256/${hexOf(digest)}`);
  }
}
