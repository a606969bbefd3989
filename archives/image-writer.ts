// Images written into an archive as they come: an OCI image layout, or what `docker load` reads.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { accessSync, createReadStream, createWriteStream, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline as piped, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cannotWrite, REF_NAME, type Store, stagedName, storeError } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  compressionOf,
  decompress,
  type Descriptor,
  type Digest,
  Digester,
  type ImageStore,
  isIndex,
  parseManifest,
  Verifier,
} from "../oci/index.js";
import { dockerManifest } from "./docker-manifest.js";
import { type ArchiveEntry, indexEntry, textEntry } from "./entry.js";
import { type ArchiveForm, blobName, LAYOUT_MARKER, LAYOUT_VERSION, LIST_OF_IMAGES } from "./format.js";
import { outputError } from "./output-error.js";
import { TarFile } from "./tar-file.js";

export interface ArchiveOptions {
  /** `docker` is for one image: its layers are decompressed. */
  readonly form: ArchiveForm;
  /** The name of the image: a tag in an OCI archive, a full name in one for Docker. */
  readonly name?: string | undefined;
  readonly store: Pick<Store, "scratch">;
}

/** Nothing is at the path before `finish()`. */
export class ArchiveWriter implements ImageStore {
  /** A tar takes one blob after the other. */
  readonly jobs = 1;
  readonly #file: TarFile;
  readonly #options: ArchiveOptions;
  /** The blobs that are in the tar. */
  readonly #written = new Set<Digest>();
  /** What the layers are in an archive for Docker. */
  readonly #layers = new Map<Digest, Digest>();
  #root: Descriptor | undefined;
  #image: { readonly config: Digest; readonly layers: readonly Digest[] } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws usage for a directory; output_failed, also for a file in a folder that is not there */
  constructor(path: string, options: ArchiveOptions) {
    refuseDirectory(path);
    expectFolder(path);
    this.#options = options;
    this.#file = new TarFile(path);
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.#written.has(digest) || this.#layers.has(digest);
  }

  async open(): Promise<never> {
    throw new Error("an archive that is written is not read");
  }

  async resolve(): Promise<undefined> {
    return undefined;
  }

  put(blob: Descriptor, content: Readable): Promise<void> {
    return this.#inTurn(async () => {
      const isDocker = this.#options.form === "docker";
      if (isDocker && compressionOf(blob.mediaType) !== "none") return this.#putDecompressed(blob, content);
      if (isDocker) this.#layers.set(blob.digest, blob.digest);
      await this.#blob(blob, verified(content, blob));
    });
  }

  putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    return this.#inTurn(async () => {
      if (tag !== undefined) this.#root = manifest;
      if (this.#options.form === "oci") return this.#blob(manifest, [bytes]);
      if (isIndex(manifest.mediaType)) throw new Error("an archive for Docker has one image");
      const { config, layers } = parseManifest(bytes);
      this.#image = { config: config.digest, layers: layers.map(({ digest }) => digest) };
    });
  }

  /** Writes what names the images, and shows the archive. @throws output_failed */
  async finish(): Promise<void> {
    for (const entry of this.#options.form === "oci" ? this.#layoutFiles() : this.#dockerFiles())
      await this.#file.add(entry);
    await this.#file.finish();
  }

  /** Leaves no unfinished file behind. */
  close(): Promise<void> {
    return this.#file.close();
  }

  #layoutFiles(): ArchiveEntry[] {
    const { name } = this.#options;
    const root = { ...this.#root!, ...(name !== undefined && { annotations: { [REF_NAME]: name } }) };
    return [indexEntry([root]), textEntry(LAYOUT_MARKER, LAYOUT_VERSION)];
  }

  #dockerFiles(): ArchiveEntry[] {
    const { config, layers } = this.#image!;
    const { name } = this.#options;
    const names = name === undefined ? [] : [name];
    const image = { config, names, layers: layers.map((layer) => this.#layers.get(layer)!) };
    return [textEntry(LIST_OF_IMAGES.docker, dockerManifest([image]))];
  }

  /** A tar wants sizes first, so a layer is decompressed beside it. */
  async #putDecompressed(blob: Descriptor, content: Readable): Promise<void> {
    const staged = stagedName(join(this.#options.store.scratch(), "layer"));
    const digester = new Digester();
    try {
      await pipeline(decompress(verified(content, blob), blob), digester, createWriteStream(staged)).catch(
        (error: unknown) => {
          throw storeError(error, staged);
        },
      );
      const { digest, size } = digester;
      await this.#blob({ digest, size }, createReadStream(staged, { highWaterMark: 1 << 20 }));
      this.#layers.set(blob.digest, digest);
    } finally {
      rmSync(staged, { force: true });
    }
  }

  async #blob({ digest, size }: Pick<Descriptor, "digest" | "size">, content: ArchiveEntry["content"]): Promise<void> {
    if (this.#written.has(digest)) return void ("destroy" in content && (content as Readable).destroy());
    this.#written.add(digest);
    await this.#file.add({ name: blobName(digest), size, content });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

function refuseDirectory(path: string): void {
  if (isDirectory(path))
    throw new TsbuildError("usage", `expected a file to copy to, found the directory "${path}"`, {
      hint: `Name a file in it, or copy to oci:${path}.`,
    });
}

function expectFolder(path: string): void {
  try {
    accessSync(dirname(path));
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    throw outputError(error, path); // below a file, for one
  }
}

function verified(content: Readable, blob: Descriptor): Readable {
  if (Verifier.verifies(content, blob)) return content;
  return piped(content, new Verifier(blob), () => {}); // a failure reaches whoever reads it
}
