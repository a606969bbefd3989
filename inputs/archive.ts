// Build contexts that come as one file: an archive, or a Dockerfile and nothing else.
// https://docs.docker.com/build/concepts/context/#remote-tarballs

import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Store } from "../cache/index.js";
import { decompressArchive, looksLikeTar, unpackArchive } from "../filesystem/index.js";
import { canonicalJson, type Digest, hexOf, sha256 } from "../oci/index.js";
import { inScratch } from "./fetch.js";

const BLOCK = 512;

/** What a stream holds: `content` is all of it, decompressed when it is an archive. */
export interface Sniffed {
  readonly isArchive: boolean;
  readonly content: AsyncIterable<Uint8Array>;
  /** For whoever does not read `content` to its end. */
  readonly close: () => Promise<unknown>;
}

/**
 * Looks at the beginning of a stream, decompressed if need be.
 * @throws bad_archive
 */
export async function sniff(stream: Readable): Promise<Sniffed> {
  const iterator = decompressArchive(stream);
  const first = await takeBlock(iterator);
  return { isArchive: looksLikeTar(first), content: resume(first, iterator), close: () => iterator.return(undefined) };
}

/** The first 512 bytes and what came with them, or all there are. */
async function takeBlock(iterator: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  while (bytes.length < BLOCK) {
    const next = await iterator.next();
    if (next.done) break;
    bytes = Buffer.concat([bytes, next.value]);
  }
  return bytes;
}

async function* resume(first: Buffer, iterator: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  yield* iterator;
}

/**
 * The directory that a downloaded archive unpacks to, once; undefined when it is no archive.
 * @throws bad_archive, interrupted
 */
export async function unpackOnce(
  store: Store,
  file: { readonly path: string; readonly digest: Digest },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const key = hexOf(sha256(canonicalJson({ archive: file.digest })));
  const kept = store.source(key);
  if (kept !== undefined) return kept;
  const { isArchive, content, close } = await sniff(createReadStream(file.path, { highWaterMark: 1 << 18 }));
  try {
    return isArchive ? await unpackInto(store, key, content, signal) : undefined;
  } finally {
    await close();
  }
}

function unpackInto(
  store: Store,
  key: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<string> {
  return inScratch(store, "archive", async (scratch) => {
    const directory = join(scratch, "tree");
    await unpackArchive(content, directory, signal ? { signal } : {});
    return store.adoptSource(directory, key);
  });
}
