// A place that is opened when something is asked of it.

import type { BlobStore, Descriptor, Reference } from "../../oci/index.js";
import type { CacheIndex } from "../format.js";
import type { CachePlace, PlaceOptions } from "../place.js";

export interface LazyPlaceOptions extends Pick<CachePlace, "name" | "scope" | "reference"> {
  readonly open: () => Promise<CachePlace>;
}

export class LazyPlace implements CachePlace {
  readonly name: string;
  readonly scope: string;
  readonly reference?: Reference;
  readonly blobs: BlobStore;
  readonly #open: () => Promise<CachePlace>;
  #opened: Promise<CachePlace> | undefined;

  constructor({ name, scope, reference, open }: LazyPlaceOptions) {
    this.name = name;
    this.scope = scope;
    if (reference) this.reference = reference;
    this.#open = open;
    this.blobs = {
      has: async (blob) => (await this.#place()).blobs.has(blob),
      open: async (blob, options) => (await this.#place()).blobs.open(blob, options),
      put: async (blob, content, options) => (await this.#place()).blobs.put(blob, content, options),
    };
  }

  async readIndex(options: PlaceOptions): Promise<CacheIndex | undefined> {
    return (await this.#place()).readIndex(options);
  }

  async writeIndex(index: CacheIndex, options: PlaceOptions): Promise<void> {
    return (await this.#place()).writeIndex(index, options);
  }

  async mount(blob: Descriptor, from: Reference): Promise<boolean> {
    return (await (await this.#place()).mount?.(blob, from)) ?? false;
  }

  #place(): Promise<CachePlace> {
    return (this.#opened ??= this.#open());
  }
}
