// A cache where objects have names: the index is one object, each blob another, named by its digest.

import { pipeline, type Readable } from "node:stream";
import type { Body } from "../../net/index.js";
import {
  type BlobStore,
  type Descriptor,
  LARGEST_JSON,
  type PutOptions,
  type ReadOptions,
  Verifier,
} from "../../oci/index.js";
import { TsbuildError } from "../../errors.js";
import { encodeIndex, expectScope, parseIndex } from "../format.js";
import type { CachePlace, PlaceOptions } from "../place.js";
import { type CacheAnswer, readBytes } from "./http.js";

export interface ObjectStore {
  readonly name: string;
  has(blob: Descriptor): Promise<boolean>;
  /** @returns undefined when there is none */
  get(blob: Descriptor, options: ReadOptions): Promise<CacheAnswer | undefined>;
  put(blob: Descriptor, body: Body, options: PlaceOptions & { readonly retry: boolean }): Promise<void>;
  getIndex(options: PlaceOptions): Promise<CacheAnswer | undefined>;
  putIndex(bytes: Buffer, options: PlaceOptions): Promise<void>;
}

export function objectCache(objects: ObjectStore, scope: string): CachePlace {
  return {
    name: objects.name,
    scope,
    blobs: objectBlobs(objects),
    readIndex: async (options) => {
      const answer = await objects.getIndex(options);
      return answer && expectScope(parseIndex(await readBytes(answer.body, LARGEST_JSON)), scope);
    },
    writeIndex: (index, options) => objects.putIndex(encodeIndex(index, true), options),
  };
}

function objectBlobs(objects: ObjectStore): BlobStore {
  return {
    has: (blob) => objects.has(blob),
    open: async (blob, options = {}) => {
      const answer = await objects.get(blob, options);
      if (!answer) throw new TsbuildError("blob_not_found", `${objects.name} has no blob ${blob.digest}`);
      return pipeline(answer.body, new Verifier(blob), () => {}); // a failure reaches whoever reads the result
    },
    put: (blob, content, options = {}) => put(objects, blob, content, options),
  };
}

/** Content that can be opened again is sent again when the transfer breaks. */
async function put(
  objects: ObjectStore,
  blob: Descriptor,
  content: Readable,
  { signal, reopen }: PutOptions,
): Promise<void> {
  let first: Readable | undefined = content;
  const open = async () => {
    const now = first ?? (await reopen!());
    first = undefined;
    return pipeline(now, new Verifier(blob), () => {});
  };
  try {
    await objects.put(blob, { size: blob.size, open }, { retry: reopen !== undefined, ...(signal && { signal }) });
  } finally {
    content.destroy();
  }
}
