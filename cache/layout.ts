// An OCI image layout in a directory: the store itself, a named context, or an output. What is read is never changed by it.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { existsSync, linkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { prepareFlock } from "../filesystem/index.js";
import {
  type Descriptor,
  type Digest,
  type ImageStore,
  isDigest,
  isIndex,
  isManifest,
  type OpenOptions,
  readBlob,
  referrerOf,
  subjectOf,
} from "../oci/index.js";
import { DiskBlobs, type OnDamaged } from "./disk-blobs.js";
import { errorCode, makeDirectories, stagedName, storeError, writeFileAtomic } from "./files.js";
import { type ExplainError, folderError } from "./folder-error.js";
import { ImageNames } from "./images.js";
import { StorePaths } from "./paths.js";

export interface LayoutOptions {
  /** Names the directory for unfinished blobs. @default the layout itself */
  readonly staging?: () => string;
  /** Told of a blob that is not what its name says. @default the error says in which directory, and nothing is done */
  readonly onDamaged?: OnDamaged;
  /** Makes errors fit those who read them. @default as of a directory that the user named */
  readonly explain?: ExplainError;
}

export class Layout implements ImageStore {
  readonly root: string;
  readonly blobs: DiskBlobs;
  readonly names: ImageNames;
  readonly #explain: ExplainError;

  constructor(root: string, { staging = () => root, onDamaged, explain = folderError }: LayoutOptions = {}) {
    const paths = new StorePaths(root);
    const hint = `Copy or write "${root}" again: its file of this digest is damaged.`;
    this.root = root;
    this.blobs = new DiskBlobs(paths, staging, onDamaged ?? ((_, error) => Object.assign(error, { hint })));
    this.names = new ImageNames(paths, explain);
    this.#explain = explain;
  }

  /** Makes the files that every layout has; those that are there stay. @throws output_failed, store_full */
  static create(root: string): Layout {
    try {
      makeLayout(new StorePaths(root));
    } catch (error) {
      throw folderError(error);
    }
    return new Layout(root);
  }

  has(blob: Descriptor): Promise<boolean> {
    return this.blobs.has(blob);
  }

  open(blob: Descriptor, options?: OpenOptions): Promise<Readable> {
    return this.blobs.open(blob, options);
  }

  async put(blob: Descriptor, content: Readable, options?: { readonly signal?: AbortSignal }): Promise<void> {
    prepareFlock(); // names come last, and are locked
    try {
      await this.blobs.put(blob, content, options);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return isDigest(reference) ? this.names.byDigest(reference) : this.names.get(reference);
  }

  async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    if (!this.blobs.hasSync(manifest)) await this.put(manifest, Readable.from([bytes]));
    try {
      if (tag !== undefined) await this.names.set(tag, manifest);
      else if (subjectOf(manifest, bytes)) await this.names.keep(referrerOf(manifest, bytes));
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Of the manifests that `index.json` lists. */
  async referrers(subject: Digest, artifactType?: string): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    for (const listed of this.names.manifests()) {
      if (!isManifest(listed.mediaType) && !isIndex(listed.mediaType)) continue;
      const bytes = await readBlob(this, listed);
      if (subjectOf(listed, bytes)?.digest === subject) found.push(referrerOf(listed, bytes));
    }
    return found.filter((each) => artifactType === undefined || each.artifactType === artifactType);
  }
}

/** Makes the files that every layout has; those that are there stay. @throws store_unwritable, store_full */
export function makeLayout(paths: StorePaths): void {
  try {
    makeDirectories(join(paths.root, "blobs", "sha256"));
  } catch (error) {
    throw storeError(error, paths.root);
  }
  writeIfMissing(paths.layoutMarker, '{"imageLayoutVersion":"1.0.0"}\n');
  writeIfMissing(
    paths.imageIndex,
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}\n',
  );
}

/** Whole or not at all, and never over a file that another process has just made. */
function writeIfMissing(path: string, content: string): void {
  if (existsSync(path)) return;
  const staged = stagedName(path);
  writeFileAtomic(staged, content);
  try {
    linkSync(staged, path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw storeError(error, path);
  } finally {
    rmSync(staged, { force: true });
  }
}
