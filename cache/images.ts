// The names of images: `index.json` of the image layout, one descriptor for each tag.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md#indexjson-file

import { TsbuildError } from "../errors.js";
import { type Descriptor, type Digest, type Index, MediaType } from "../oci/index.js";
import { readIfPresent, writeFileAtomic } from "./files.js";
import type { ExplainError } from "./folder-error.js";
import { acquireLock } from "./lock.js";
import type { StorePaths } from "./paths.js";

/** The annotation that names an image in a layout; skopeo and crane look for it. */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** More would make every start of tsbuild read a long list. */
const MOST_UNNAMED = 100;

export interface NamedImage {
  readonly name: string;
  readonly descriptor: Descriptor;
}

export class ImageNames {
  readonly #paths: StorePaths;
  readonly #explain: ExplainError;

  /** @param explain makes the error for an `index.json` that cannot be read fit those who read it */
  constructor(paths: StorePaths, explain: ExplainError) {
    this.#paths = paths;
    this.#explain = explain;
  }

  list(): readonly NamedImage[] {
    return this.#read().manifests.flatMap(({ annotations = {}, ...descriptor }) => {
      const { [REF_NAME]: name, ...others } = annotations;
      if (name === undefined) return [];
      return [{ name, descriptor: { ...descriptor, ...(Object.keys(others).length > 0 && { annotations: others }) } }];
    });
  }

  get(name: string): Descriptor | undefined {
    return this.list().find((image) => image.name === name)?.descriptor;
  }

  byDigest(digest: Digest): Descriptor | undefined {
    return this.#read().manifests.find((manifest) => manifest.digest === digest);
  }

  /** All descriptors, named or not, as `index.json` has them. */
  manifests(): readonly Descriptor[] {
    return this.#read().manifests;
  }

  /** Makes `name` mean `descriptor`. Other processes may change other names at the same time. */
  async set(name: string, descriptor: Descriptor): Promise<void> {
    if (this.get(name)?.digest === descriptor.digest) return;
    const annotations = { ...descriptor.annotations, [REF_NAME]: name };
    await this.#change((manifests) => [
      ...manifests.filter((other) => nameOf(other) !== name && !isUnnamed(other, descriptor.digest)),
      { ...descriptor, annotations },
    ]);
  }

  /** Lists an image that has no name, unless it is listed. Of too many such images the oldest are forgotten. */
  async keep(descriptor: Descriptor): Promise<void> {
    if (this.byDigest(descriptor.digest)) return;
    await this.#change((manifests) => {
      const unnamed = manifests.filter((other) => nameOf(other) === undefined);
      const forgotten = new Set(unnamed.slice(0, Math.max(0, unnamed.length + 1 - MOST_UNNAMED)));
      return [...manifests.filter((other) => !forgotten.has(other)), descriptor];
    });
  }

  /** Takes an image without a name from the list. */
  async forget(digest: Digest): Promise<void> {
    if (!this.byDigest(digest)) return;
    await this.#change((manifests) => manifests.filter((other) => !isUnnamed(other, digest)));
  }

  /** False when there was no such name. */
  async remove(name: string): Promise<boolean> {
    if (!this.get(name)) return false;
    await this.#change((manifests) => manifests.filter((other) => nameOf(other) !== name));
    return true;
  }

  async #change(edit: (manifests: readonly Descriptor[]) => readonly Descriptor[]): Promise<void> {
    const lock = await acquireLock(this.#paths.layoutMarker); // a layout that is given away has no files of ours
    try {
      const index = this.#read();
      writeFileAtomic(
        this.#paths.imageIndex,
        `${JSON.stringify({ ...index, manifests: edit(index.manifests) }, null, 2)}\n`,
      );
    } finally {
      lock.release();
    }
  }

  #read(): Index {
    const bytes = readIfPresent(this.#paths.imageIndex);
    if (!bytes) return { schemaVersion: 2, mediaType: MediaType.index, manifests: [] };
    const index = parseIndex(bytes);
    if (index) return index;
    const message = `expected an image index in "${this.#paths.imageIndex}", found something else`;
    const hint = "Move the file away: image names are lost, but blobs and cache are kept.";
    throw this.#explain(new TsbuildError("store_corrupt", message, { hint }));
  }
}

function nameOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[REF_NAME];
}

function isUnnamed(descriptor: Descriptor, digest: Digest): boolean {
  return descriptor.digest === digest && nameOf(descriptor) === undefined;
}

function parseIndex(bytes: Buffer): Index | undefined {
  try {
    const index = JSON.parse(bytes.toString("utf8")) as Index;
    return Array.isArray(index.manifests) ? index : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
