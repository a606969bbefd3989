// An image store in memory, as simple as the interface allows.

import { Readable } from "node:stream";
import { TsbuildError } from "../../errors.js";
import {
  type Descriptor,
  type Digest,
  type ImageStore,
  isDigest,
  type PutOptions,
  sha256,
  throwIfInterrupted,
  Verifier,
} from "../../oci/index.js";

export class MemoryStore implements ImageStore {
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly manifests = new Map<Digest, Descriptor>();
  readonly named = new Map<string, Descriptor>();
  /** Every call that changed something, in order: `put sha256:…`, `manifest sha256:…`, `tag latest`. */
  readonly writes: string[] = [];

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.blobs.has(digest);
  }

  async open(blob: Descriptor, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Readable> {
    throwIfInterrupted(signal);
    const bytes = this.blobs.get(blob.digest);
    if (bytes === undefined) throw new TsbuildError("blob_not_found", `the memory has no blob ${blob.digest}`);
    return Readable.from([bytes], { objectMode: false }).compose(new Verifier(blob)) as unknown as Readable;
  }

  async put(blob: Descriptor, content: Readable, { signal }: PutOptions = {}): Promise<void> {
    throwIfInterrupted(signal);
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk as Uint8Array);
    this.#keep(blob, Buffer.concat(chunks));
    this.writes.push(`put ${blob.digest}`);
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return isDigest(reference) ? this.manifests.get(reference) : this.named.get(reference);
  }

  async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    this.#keep(manifest, bytes);
    const { mediaType, digest, size } = manifest;
    this.manifests.set(digest, { mediaType, digest, size });
    this.writes.push(`manifest ${digest}`);
    if (tag === undefined) return;
    this.named.set(tag, { mediaType, digest, size });
    this.writes.push(`tag ${tag}`);
  }

  #keep({ digest, size }: Descriptor, bytes: Uint8Array): void {
    const found = sha256(bytes);
    if (found !== digest || bytes.length !== size) {
      throw new TsbuildError(
        "digest_mismatch",
        `expected ${digest} (${size} bytes), read ${found} (${bytes.length} bytes)`,
      );
    }
    this.blobs.set(digest, bytes);
  }
}
