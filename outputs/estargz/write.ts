// Layers in eStargz: gzip in which each file begins a member of its own, with a table of contents at the end, so that a
// runtime can start before it has the whole layer. Every gzip reader reads it.
// https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md

import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Store, stagedName, storeError } from "../../cache/index.js";
import type { Layer } from "../../executor/index.js";
import {
  type Entry,
  isMark,
  type LayerChange,
  type LayerIndex,
  markFile,
  packChanges,
} from "../../filesystem/index.js";
import { type Descriptor, type Digest, GZIP_LEVEL, hexOf, MediaType, sha256 } from "../../oci/index.js";
import type { LayerContents } from "../layers/contents.js";
import { footer, tocMember } from "./footer.js";
import { MemberFile, UNCOMPRESSED } from "./member-file.js";
import { type Chunk, TOC_NAME, type TocEntry, tocEntries } from "./toc.js";

export interface EstargzOptions {
  readonly store: Store;
  readonly contents: LayerContents;
  /** 0 to 9. @default 4 */
  readonly level?: number;
  readonly signal?: AbortSignal;
}

/** Bytes of a file that are one member. */
export const CHUNK = 4 << 20;
/** Says that no file is worth fetching ahead. */
export const LANDMARK = ".no.prefetch.landmark";
const LANDMARK_CONTENT = Buffer.from([0x0f]);
/** What ends the tar that `packChanges` writes: the table comes before it. */
const END = 1024;

/** The layer with a landmark and a table: its tar, and so its diffID, is another one. */
export async function estargzLayer(layer: Layer, options: EstargzOptions): Promise<Layer> {
  const { store, level = GZIP_LEVEL } = options;
  const key = `${hexOf(layer.diffID)}-estargz1-${level}`;
  const known = store.compressed.get(key);
  const made = known && store.blobs.hasSync(known) ? known : await convert(layer, options);
  if (made !== known) store.compressed.put(key, made);
  const { [UNCOMPRESSED]: diffID, ...annotations } = made.annotations!;
  const { content, dates } = layer;
  return { diffID: diffID as Digest, content, ...(dates && { dates }), blob: { ...made, annotations } };
}

async function convert(layer: Layer, options: EstargzOptions): Promise<Descriptor> {
  const { store, contents, signal } = options;
  const { index, contentOf } = await contents.open(layer);
  const tar = stagedName(join(store.scratch(), "estargz.tar"));
  const blob = stagedName(join(store.scratch(), "estargz"));
  try {
    const changes = [landmark(), ...withoutTable(index.changes)];
    const contentOrMark = (entry: Entry) => (entry.path === LANDMARK ? LANDMARK_CONTENT : contentOf(entry));
    const packed = await packChanges(changes, { contentOf: contentOrMark, output: tar, ...(signal && { signal }) });
    const descriptor = await compressInto(blob, tar, packed, options);
    store.blobs.adopt(blob, descriptor.digest);
    return descriptor;
  } catch (error) {
    throw storeError(error, blob);
  } finally {
    rmSync(tar, { force: true });
    rmSync(blob, { force: true });
  }
}

function landmark(): Entry {
  const times = { mtime: 0, mtimeNs: 0 };
  return { path: LANDMARK, type: "file", mode: 0o644, uid: 0, gid: 0, size: LANDMARK_CONTENT.length, ...times };
}

/** A base layer may have been eStargz before. */
function withoutTable(changes: readonly LayerChange[]): LayerChange[] {
  return changes.filter(({ path }) => path !== LANDMARK && path !== TOC_NAME && path !== ".prefetch.landmark");
}

async function compressInto(
  path: string,
  tar: string,
  packed: LayerIndex,
  { level = GZIP_LEVEL, signal }: EstargzOptions,
): Promise<Descriptor> {
  const output = new MemberFile(path, level);
  const input = openSync(tar, "r");
  try {
    const chunks = await writeMembers(input, packed, output, signal);
    const entries = packed.changes.flatMap((change): TocEntry[] =>
      isMark(change) ? tocEntries(asFile(change), [], CHUNK) : tocEntries(change, chunks.get(change.path) ?? [], CHUNK),
    );
    const json = Buffer.from(JSON.stringify({ version: 1, entries }));
    const tableAt = output.size;
    await output.write(tocMember(TOC_NAME, json));
    output.writeRaw(footer(tableAt));
    return { mediaType: MediaType.layerGzip, ...output.finish(sha256(json)) };
  } finally {
    closeSync(input);
    output.close();
  }
}

function asFile(mark: Exclude<LayerChange, Entry>): Entry {
  return { ...markFile(mark), digest: sha256("") };
}

interface Piece {
  readonly file: Entry;
  /** Where it begins in the tar. */
  readonly at: number;
  readonly chunkOffset: number;
}

/** The pieces of all files, in the order of the tar: a member begins at each. */
function piecesOf({ changes }: LayerIndex): Piece[] {
  const files = changes.filter(
    (change): change is Entry => change.type === "file" && change.hardlink === undefined && change.size > 0,
  );
  return files.flatMap((file) =>
    Array.from({ length: Math.ceil(file.size / CHUNK) }, (_, chunk) => {
      const chunkOffset = chunk * CHUNK;
      return { file, at: file.offset! + chunkOffset, chunkOffset };
    }),
  );
}

/** @returns the chunks of each file, by its path */
async function writeMembers(
  input: number,
  packed: LayerIndex,
  output: MemberFile,
  signal?: AbortSignal,
): Promise<Map<string, Chunk[]>> {
  const chunks = new Map<string, Chunk[]>();
  const pieces = piecesOf(packed);
  const end = packed.size - END;
  await writeRange(input, 0, pieces[0]?.at ?? end, output);
  for (const [index, { file, at, chunkOffset }] of pieces.entries()) {
    signal?.throwIfAborted();
    const chunkSize = Math.min(CHUNK, file.size - chunkOffset);
    const next = pieces[index + 1]?.at ?? end;
    const bytes = readAt(input, at, Math.min(next - at, CHUNK));
    const digest = sha256(bytes.subarray(0, chunkSize));
    chunks.set(file.path, [...(chunks.get(file.path) ?? []), { offset: output.size, chunkOffset, chunkSize, digest }]);
    await output.write(bytes);
    await writeRange(input, at + bytes.length, next, output);
  }
  return chunks;
}

/** What is between files: headers, in members of no more bytes than a chunk has. */
async function writeRange(input: number, from: number, to: number, output: MemberFile): Promise<void> {
  for (let at = from; at < to; at += CHUNK) await output.write(readAt(input, at, Math.min(to - at, CHUNK)));
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) throw new Error("a layer that was just packed is cut short");
    done += count;
  }
  return bytes;
}
