// An image in a directory as skopeo's `dir:` has it: manifest.json, blobs by the digits of their digests, nothing else.
// https://github.com/containers/image/blob/main/docs/containers-transports.5.md#dirpath

import { createReadStream, createWriteStream, existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { pipeline as pipelined } from "node:stream/promises";
import { outputError } from "../archives/index.js";
import { folderError, makeDirectories, stagedName, writeFileAtomic } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  hexOf,
  type ImageStore,
  isIndex,
  isManifest,
  MediaType,
  sha256,
  Verifier,
} from "../oci/index.js";

const MANIFEST = "manifest.json";
const VERSION = "version";
const VERSION_TEXT = "Directory Transport Version: 1.1\n";

/** What an image leaves in such a directory. */
const OF_IMAGE = /^(?:[0-9a-f]{64}(?:\.manifest\.json)?|manifest\.json|signature-\d+|version)$/;

export class DirectoryImage implements ImageStore {
  readonly #path: string;
  #root: Descriptor | undefined;

  private constructor(path: string, root?: Descriptor) {
    this.#path = path;
    this.#root = root;
  }

  /** @throws image_not_found, bad_manifest */
  static async open(path: string): Promise<DirectoryImage> {
    const bytes = await readFile(join(path, MANIFEST)).catch((cause: unknown) => {
      throw new TsbuildError("image_not_found", `no image in the directory "${path}": it has no ${MANIFEST}`, {
        cause,
        hint: "Check the path; an image layout in a directory is oci:DIR.",
      });
    });
    return new DirectoryImage(path, describe(bytes));
  }

  /** The image that is there goes. @throws usage for a directory with something else in it, output_failed */
  static create(path: string): DirectoryImage {
    try {
      makeDirectories(path);
      const names = readdirSync(path);
      if (names.length > 0 && !names.includes(VERSION)) throw hasOthers(path);
      for (const name of names.filter((one) => OF_IMAGE.test(one))) rmSync(join(path, name));
      writeFileAtomic(join(path, VERSION), VERSION_TEXT);
    } catch (error) {
      throw outputError(folderError(error), path);
    }
    return new DirectoryImage(path);
  }

  get root(): Descriptor {
    return this.#root!;
  }

  async has(blob: Descriptor): Promise<boolean> {
    return statSync(this.#file(blob), { throwIfNoEntry: false })?.size === blob.size;
  }

  async open(blob: Descriptor): Promise<Readable> {
    const file = this.#file(blob);
    if (existsSync(file)) return pipeline(createReadStream(file), new Verifier(blob), () => {}); // a failure reaches whoever reads
    throw new TsbuildError("blob_not_found", `"${this.#path}" has no blob ${blob.digest}`, {
      hint: "Copy the image there again: it is not whole.",
    });
  }

  async put(blob: Descriptor, content: Readable): Promise<void> {
    const staged = stagedName(join(this.#path, "blob"));
    try {
      await pipelined(content, new Verifier(blob), createWriteStream(staged, { flags: "wx" }));
      renameSync(staged, this.#file(blob));
    } catch (error) {
      throw outputError(error, this.#path);
    } finally {
      rmSync(staged, { force: true });
    }
  }

  /** What is named is the image of the directory. */
  async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    if (tag !== undefined) this.#root = manifest;
    try {
      writeFileAtomic(this.#file(manifest), bytes);
    } catch (error) {
      throw outputError(folderError(error), this.#path);
    }
  }

  async resolve(): Promise<Descriptor | undefined> {
    return this.#root;
  }

  #file({ digest, mediaType }: Descriptor): string {
    if (digest === this.#root?.digest) return join(this.#path, MANIFEST);
    const isListed = isManifest(mediaType) || isIndex(mediaType);
    return join(this.#path, isListed ? `${hexOf(digest)}.manifest.json` : hexOf(digest));
  }
}

/** A manifest may leave out what it is. @throws bad_manifest */
function describe(bytes: Buffer): Descriptor {
  const { mediaType, manifests } = parse(bytes);
  const usual = manifests === undefined ? MediaType.manifest : MediaType.index;
  return { mediaType: mediaType ?? usual, digest: sha256(bytes), size: bytes.length };
}

function parse(bytes: Buffer): { readonly mediaType?: string; readonly manifests?: unknown } {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === "object" && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new TsbuildError("bad_manifest", `expected a manifest in ${MANIFEST}, found something else`, {
    hint: "Copy the image there again.",
  });
}

function hasOthers(path: string): TsbuildError {
  return new TsbuildError("usage", `"${path}" is not empty, and no directory of an image`, {
    hint: "Name a directory that is empty, or that is not there yet.",
  });
}
