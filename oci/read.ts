// Small blobs as a whole: manifests and configs, verified.

import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import type { Descriptor } from "./descriptor.js";
import { LARGEST_JSON } from "./untrusted-json.js";

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/**
 * The bytes of a manifest or config. They are those described.
 * @throws blob_not_found, digest_mismatch, bad_manifest when `blob` says that it is larger than 4 MiB
 */
export async function readBlob(store: BlobStore, blob: Descriptor, options: ReadOptions = {}): Promise<Buffer> {
  if (blob.size > LARGEST_JSON) {
    throw new TsbuildError(
      "bad_manifest",
      `${blob.digest}: expected at most ${LARGEST_JSON} bytes of JSON, found ${blob.size}`,
    );
  }
  const content: Readable = await store.open(blob, options);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
