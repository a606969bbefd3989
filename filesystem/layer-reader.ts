// Reads the tar of a layer once and says what it changes.
// https://github.com/opencontainers/image-spec/blob/main/layer.md

import { createHash } from "node:crypto";
import type { Digest } from "../oci/index.js";
import { contentDigest, FileHasher } from "./content-digest.js";
import type { Entry, LayerChange, LayerIndex } from "./entry.js";
import { badArchive } from "./tar/error.js";
import type { TarMember } from "./tar/member.js";
import { readTar, type TarVisitor } from "./tar/reader.js";
import { isMarkName, marksFirst, markOf } from "./whiteout.js";
import { isOverlayXattr, type Xattrs } from "./xattr.js";

/** Follows a layer as it is read. */
export interface LayerSink {
  /** A change; an entry has no digest yet when content follows. */
  begin(change: LayerChange): void;
  content(bytes: Uint8Array): void;
  end(change: LayerChange): void;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/**
 * The index of an uncompressed layer. The caller compares `diffID` with what it expected.
 * @throws bad_archive; interrupted
 */
export async function indexLayer(tar: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<LayerIndex> {
  return readLayer(tar, { begin() {}, content() {}, end() {} }, options);
}

/** As `indexLayer`, and tells `sink` of everything in the tar's own order. */
export async function readLayer(
  tar: AsyncIterable<Uint8Array>,
  sink: LayerSink,
  options: ReadOptions = {},
): Promise<LayerIndex> {
  const source = new HashedSource(tar);
  const visitor = new ChangeVisitor(sink, true);
  await readTar(source, visitor, options);
  const changes = marksFirst(visitor.changes);
  return { ...source.result, content: contentDigest(changes), changes };
}

/** Makes changes of members. In an archive that is no layer, names like `.wh.x` are names like any other. */
export class ChangeVisitor implements TarVisitor {
  readonly changes: LayerChange[] = [];
  readonly #sink: LayerSink;
  readonly #hasMarks: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #hasher = new FileHasher();
  #change: LayerChange | undefined;

  constructor(sink: LayerSink, hasMarks: boolean) {
    this.#sink = sink;
    this.#hasMarks = hasMarks;
  }

  member(member: TarMember): void {
    this.#change = this.#changeOf(member);
    this.#hasher.begin(member.size);
    if (this.#change) this.#sink.begin(this.#change);
  }

  content(bytes: Uint8Array): void {
    if (!isFresh(this.#change)) return;
    this.#hasher.update(bytes);
    this.#sink.content(bytes);
  }

  end(): void {
    if (!this.#change) return;
    const change = isFresh(this.#change) ? { ...this.#change, digest: this.#hasher.end() } : this.#change;
    this.#sink.end(change);
    this.changes.push(change);
    if (change.type !== "whiteout" && change.type !== "opaque") this.#entries.set(change.path, change);
  }

  #changeOf(member: TarMember): LayerChange | undefined {
    if (this.#hasMarks && isMarkName(member.path.slice(member.path.lastIndexOf("/") + 1))) {
      const mark = markOf(member.path);
      return mark === "ignored" ? undefined : mark;
    }
    if (member.hardlink !== undefined) return this.#link(member.path, member.hardlink);
    if (!member.xattrs) return member;
    const { xattrs, ...rest } = member;
    const kept = withoutOverlay(xattrs);
    return kept ? { ...rest, xattrs: kept } : rest;
  }

  #link(path: string, target: string): Entry {
    const inode = this.#entries.get(target);
    if (!inode)
      throw badArchive(`expected the target of the hard link "${path}" earlier in the archive, found no "${target}"`);
    if (inode.type === "directory") throw badArchive(`the hard link "${path}" leads to the directory "${target}"`);
    return { ...inode, path, hardlink: inode.hardlink ?? target };
  }
}

/** Hashes and counts all bytes of a stream, those after the end of the archive included. */
class HashedSource implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #hasher = createHash("sha256");
  #size = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of this.#source) {
      this.#hasher.update(chunk);
      this.#size += chunk.length;
      yield chunk;
    }
  }

  /** Once, after the end. */
  get result(): { readonly diffID: Digest; readonly size: number } {
    return { diffID: `sha256:${this.#hasher.digest("hex")}`, size: this.#size };
  }
}

/** True for a file that has content of its own, which is still to be read. */
function isFresh(change: LayerChange | undefined): change is Entry {
  return change?.type === "file" && change.hardlink === undefined;
}

/** Marks of overlayfs in a layer that came from elsewhere would change what a mount of it shows. */
function withoutOverlay(xattrs: Xattrs): Xattrs | undefined {
  const kept = [...xattrs].filter(([name]) => !isOverlayXattr(name));
  return kept.length === 0 ? undefined : new Map(kept.map(([name, value]) => [name, Uint8Array.from(value)]));
}
