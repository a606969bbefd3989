// A place whose images are looked at before they are read.

import type { Readable } from "node:stream";
import type { Descriptor, Digest, ImageStore, OpenOptions, PutOptions } from "../oci/index.js";

export class WatchedStore implements ImageStore {
  readonly reads?: number;
  readonly #place: ImageStore;
  readonly #images: ReadonlySet<Digest>;
  readonly #look: (image: Descriptor) => Promise<void>;
  readonly #seen = new Map<Digest, Promise<void>>();

  /**
   * @param images manifests that are looked at
   * @param look is asked once of each that is opened; what it throws, keeps it shut
   */
  constructor(place: ImageStore, images: ReadonlySet<Digest>, look: (image: Descriptor) => Promise<void>) {
    this.#place = place;
    this.#images = images;
    this.#look = look;
    if (place.reads !== undefined) this.reads = place.reads;
  }

  async open(blob: Descriptor, options?: OpenOptions): Promise<Readable> {
    if (this.#images.has(blob.digest)) await this.#looked(blob);
    return this.#place.open(blob, options);
  }

  has(blob: Descriptor): Promise<boolean> {
    return this.#place.has(blob);
  }

  put(blob: Descriptor, content: Readable, options?: PutOptions): Promise<void> {
    return this.#place.put(blob, content, options);
  }

  resolve(reference: string, options?: { readonly signal?: AbortSignal }): Promise<Descriptor | undefined> {
    return this.#place.resolve(reference, options);
  }

  putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    return this.#place.putManifest(manifest, bytes, tag);
  }

  async referrers(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    return (await this.#place.referrers?.(subject, artifactType)) ?? [];
  }

  #looked(image: Descriptor): Promise<void> {
    const known = this.#seen.get(image.digest);
    if (known !== undefined) return known;
    const look = this.#look(image);
    this.#seen.set(image.digest, look);
    return look;
  }
}
