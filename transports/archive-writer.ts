// Images written into a tar as they come: an OCI image layout, or what `docker load` reads.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { createReadStream, createWriteStream, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import {
  isReplaceable,
  REF_NAME,
  type StagedFile,
  stageFile,
  type Store,
  stagedName,
  storeError,
} from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  compressionOf,
  decompress,
  type Descriptor,
  type Digest,
  Digester,
  hexOf,
  type ImageStore,
  isIndex,
  MediaType,
  parseManifest,
  Verifier,
} from "../oci/index.js";

export interface ArchiveOptions {
  /** `docker` is for one image: its layers are stored as they are when they are not compressed. */
  readonly form: "oci" | "docker";
  /** The name of the image: a tag in an OCI archive, a full name in one for Docker. */
  readonly name?: string | undefined;
  readonly store: Pick<Store, "scratch">;
}

/** Nothing is at the path before `finish()`. */
export class ArchiveWriter implements ImageStore {
  /** A tar takes one blob after the other. */
  readonly jobs = 1;
  readonly #path: string;
  /** Absent for a device, a pipe or a link, which are written through. */
  readonly #staged: StagedFile | undefined;
  readonly #options: ArchiveOptions;
  readonly #pack = tar.pack();
  readonly #written: Promise<void>;
  readonly #names = new Set<string>();
  /** What the layers are called in an archive for Docker. */
  readonly #layers = new Map<Digest, string>();
  #root: Descriptor | undefined;
  #image: { readonly config: Digest; readonly layers: readonly Digest[] } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Why the archive cannot be written. */
  #failure: Error | undefined;

  /** @throws usage for a directory */
  constructor(path: string, options: ArchiveOptions) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new TsbuildError("usage", `expected a file to copy to, found the directory "${path}"`, {
        hint: `Name a file in it, or copy to oci:${path}.`,
      });
    this.#path = path;
    this.#options = options;
    this.#staged = isReplaceable(path) ? stageFile(path) : undefined;
    const file = createWriteStream(this.#staged?.path ?? path);
    file.once("error", (error) => (this.#failure = error));
    this.#written = pipeline(this.#pack, file);
    this.#written.catch((error: Error) => this.#pack.destroy(error));
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.#names.has(blobName(digest)) || this.#layers.has(digest);
  }

  async open(): Promise<never> {
    throw new Error("an archive that is written is not read");
  }

  async resolve(): Promise<undefined> {
    return undefined;
  }

  put(blob: Descriptor, content: Readable): Promise<void> {
    return this.#inTurn(async () => {
      const isCompressed = compressionOf(blob.mediaType) !== "none";
      if (this.#options.form === "docker" && isCompressed) return this.#putDecompressed(blob, content);
      if (this.#options.form === "docker") this.#layers.set(blob.digest, blobName(blob.digest));
      await this.#entry(blobName(blob.digest), blob.size, content, blob);
    });
  }

  putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    return this.#inTurn(async () => {
      if (tag !== undefined) this.#root = manifest;
      if (this.#options.form === "oci") return this.#bytes(blobName(manifest.digest), bytes);
      if (isIndex(manifest.mediaType)) throw new Error("an archive for Docker has one image");
      const { config, layers } = parseManifest(bytes);
      this.#image = { config: config.digest, layers: layers.map(({ digest }) => digest) };
    });
  }

  /** Writes what names the images, and shows the archive. @throws output_failed */
  async finish(): Promise<void> {
    try {
      if (this.#options.form === "oci") await this.#finishLayout();
      else await this.#finishDocker();
      this.#pack.finalize();
      await this.#written;
      this.#staged?.commit();
    } catch (error) {
      throw error instanceof TsbuildError ? error : unwritable(this.#path, error as Error);
    }
  }

  /** Leaves no unfinished file behind. */
  async close(): Promise<void> {
    this.#pack.destroy();
    await this.#written.catch(() => {});
    this.#staged?.end();
  }

  async #finishLayout(): Promise<void> {
    const { name } = this.#options;
    const named = { ...this.#root!, ...(name !== undefined && { annotations: { [REF_NAME]: name } }) };
    const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: [named] };
    await this.#bytes("index.json", Buffer.from(JSON.stringify(index)));
    await this.#bytes("oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  }

  async #finishDocker(): Promise<void> {
    const { config, layers } = this.#image!;
    const { name } = this.#options;
    const image = {
      Config: blobName(config),
      RepoTags: name === undefined ? [] : [name],
      Layers: layers.map((layer) => this.#layers.get(layer)),
    };
    await this.#bytes("manifest.json", Buffer.from(JSON.stringify([image])));
  }

  /** A tar wants sizes first, so a layer is decompressed beside it. */
  async #putDecompressed(blob: Descriptor, content: Readable): Promise<void> {
    const staged = stagedName(join(this.#options.store.scratch(), "layer"));
    const digester = new Digester();
    try {
      await pipeline(decompress(verified(content, blob), blob.mediaType), digester, createWriteStream(staged)).catch(
        (error: unknown) => {
          throw storeError(error, staged);
        },
      );
      const name = blobName(digester.digest);
      await this.#entry(name, digester.size, createReadStream(staged, { highWaterMark: 1 << 20 }));
      this.#layers.set(blob.digest, name);
    } finally {
      rmSync(staged, { force: true });
    }
  }

  #bytes(name: string, bytes: Uint8Array): Promise<void> {
    return this.#entry(name, bytes.length, Readable.from([bytes], { objectMode: false }));
  }

  async #entry(name: string, size: number, content: Readable, blob?: Descriptor): Promise<void> {
    if (this.#names.has(name)) return void content.destroy();
    this.#names.add(name);
    const entry = this.#pack.entry({ name, size, mode: 0o644, mtime: new Date(0), type: "file" });
    await pipeline(blob ? verified(content, blob) : content, entry);
  }

  /** What fails after the file did, fails because of it. */
  #reason(error: Error): Error {
    const failure = this.#failure ?? error;
    const isOfFile = "syscall" in failure && ["open", "write"].includes(String(failure.syscall));
    return isOfFile ? unwritable(this.#path, failure) : error;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work).catch((error: Error) => {
      throw this.#reason(error);
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}

function unwritable(path: string, cause: Error): TsbuildError {
  const hint = "Free space there, or choose a place that exists and may be written.";
  return new TsbuildError("output_failed", `cannot write "${path}": ${cause.message}`, { cause, hint });
}

function verified(content: Readable, blob: Descriptor): Readable {
  if (Verifier.verifies(content, blob)) return content;
  const verifier = new Verifier(blob);
  pipeline(content, verifier).catch(() => {}); // reaches whoever reads `verifier`
  return verifier;
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
