// An image that was just built, as a place to copy from: what the store has, and base layers where they are.

import { Readable } from "node:stream";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { Layer } from "../executor/index.js";
import type { BlobStore, Descriptor, Digest, OpenOptions } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";

export class ImageBlobs implements BlobStore {
  readonly #store: Store;
  readonly #origins: ReadonlyMap<Digest, ImageOrigin>;
  readonly #openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  readonly #documents = new Map<Digest, Uint8Array>();

  constructor(store: Store, layers: readonly Layer[], openOrigin: (origin: ImageOrigin) => Promise<BlobStore>) {
    this.#store = store;
    this.#openOrigin = openOrigin;
    this.#origins = new Map(layers.flatMap(({ blob, origin }) => (origin ? [[blob.digest, origin] as const] : [])));
  }

  /** Where a base layer came from. */
  originOf(digest: Digest): ImageOrigin | undefined {
    return this.#origins.get(digest);
  }

  /** Adds a manifest, a config or an index, which is in no store yet. */
  hold(blob: Descriptor, bytes: Uint8Array): void {
    this.#documents.set(blob.digest, bytes);
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.#documents.has(blob.digest) || this.#store.blobs.hasSync(blob) || this.#origins.has(blob.digest);
  }

  async open(blob: Descriptor, options?: OpenOptions): Promise<Readable> {
    const document = this.#documents.get(blob.digest);
    if (document) return Readable.from([document], { objectMode: false });
    if (this.#store.blobs.hasSync(blob)) return this.#store.open(blob, options);
    const origin = this.#origins.get(blob.digest);
    if (!origin)
      throw new TsbuildError("blob_not_found", `the store has no blob ${blob.digest}`, {
        hint: "Pull or build the image again that has it.",
      });
    return (await this.#openOrigin(origin)).open(blob, options);
  }

  async put(): Promise<never> {
    throw new Error("an image that was built is only read");
  }
}
