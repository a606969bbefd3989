// An OCI image layout in a directory: the store itself, a named context, or an output.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { existsSync, linkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  type Descriptor,
  type Digest,
  type ImageStore,
  isDigest,
  isIndex,
  isManifest,
  readBlob,
  referrerOf,
  subjectOf,
} from "../oci/index.js";
import { DiskBlobs } from "./disk-blobs.js";
import { errorCode, makeDirectories, stagedName, storeError, writeFileAtomic } from "./files.js";
import { ImageNames } from "./images.js";
import { StorePaths } from "./paths.js";

export class Layout implements ImageStore {
  readonly root: string;
  readonly blobs: DiskBlobs;
  readonly names: ImageNames;

  /** `staging` names the directory for unfinished blobs. @default the layout itself */
  constructor(root: string, staging?: () => string) {
    const paths = new StorePaths(root);
    this.root = root;
    this.blobs = new DiskBlobs(paths, staging ?? (() => root));
    this.names = new ImageNames(paths);
  }

  /** Makes the files that every layout has; those that are there stay. */
  static create(root: string): Layout {
    const paths = new StorePaths(root);
    try {
      makeDirectories(join(root, "blobs", "sha256"));
    } catch (error) {
      throw storeError(error, root);
    }
    writeIfMissing(paths.layoutMarker, '{"imageLayoutVersion":"1.0.0"}\n');
    writeIfMissing(
      paths.imageIndex,
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}\n',
    );
    return new Layout(root);
  }

  has(blob: Descriptor): Promise<boolean> {
    return this.blobs.has(blob);
  }

  open(blob: Descriptor): Promise<Readable> {
    return this.blobs.open(blob);
  }

  put(blob: Descriptor, content: Readable, options?: { readonly signal?: AbortSignal }): Promise<void> {
    return this.blobs.put(blob, content, options);
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return isDigest(reference) ? this.names.byDigest(reference) : this.names.get(reference);
  }

  async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    if (!this.blobs.hasSync(manifest)) await this.blobs.put(manifest, Readable.from([bytes]));
    if (tag !== undefined) await this.names.set(tag, manifest);
    else if (subjectOf(manifest, bytes)) await this.names.keep(referrerOf(manifest, bytes));
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
