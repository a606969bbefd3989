// Writes the tar of a layer, and its index in the same pass.
// https://github.com/opencontainers/image-spec/blob/main/layer.md#creating

import { closeSync, openSync, rmSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { sha256 } from "../oci/index.js";
import { contentDigest, datesDigest, undated } from "./content-digest.js";
import { shortPath } from "./deep-path.js";
import type { Entry, LayerChange, LayerIndex } from "./entry.js";
import type { FileTree } from "./file-tree.js";
import { writeError } from "./io-error.js";
import { LayerFile } from "./layer-file.js";
import type { LeftOver } from "./left-over.js";
import { Pace } from "./pace.js";
import { hostPath, nameOf } from "./path-bytes.js";
import { type FileRegion, RegionReader } from "./region.js";
import { UpperDirectory, type UpperOptions } from "./upper.js";
import { isMark, isMarkName, markFile } from "./whiteout.js";

export interface OutputOptions {
  /** The file that the tar is written to: a path, which is made or emptied, or an open file, which stays open. */
  readonly output: string | number;
  /** Bytes of the tar so far; called at most every 30 ms, and at the end. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface PackOptions extends OutputOptions {
  /** The content of a file: called once for each file that is not empty and not a further name of an earlier one. */
  readonly contentOf: (entry: Entry) => FileRegion | Uint8Array;
}

/** `owner` where the disk cannot have owners: what the parent has keeps its own, and what is new is this user's. */
export interface PackDirectoryOptions extends OutputOptions, UpperOptions {
  /** Told what is in the directory and not in the layer, for `removeLeftOver`. */
  readonly onLeftOver?: (leftOver: readonly LeftOver[]) => void;
}

interface InternalPackOptions extends PackOptions {
  /** @default false */
  readonly makeReadable?: boolean;
}

/**
 * Writes `changes`, which are in the order that `LayerIndex` asks for. Equal changes and contents are equal bytes. The index
 * has the digest, size and offset of every file. A path that was given as `output` is removed when packing fails.
 * @throws source_not_found, source_changed, unsupported (names that readers would take for whiteouts), store_full, interrupted
 */
export async function packChanges(changes: readonly LayerChange[], options: PackOptions): Promise<LayerIndex> {
  const { output } = options;
  if (typeof output === "number") return pack(changes, output, options);
  const fd = openOutput(output);
  try {
    return await pack(changes, fd, options);
  } catch (error) {
    rmSync(output, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Packs what a command changed: `upper` is the upper directory of an overlay whose lower layers are `parent`, or with
 * `checkout` the whole root. Files that overlayfs copied up but nobody changed are left out, and so are sockets and
 * directories of which only the time changed.
 * @throws as `packChanges` does
 */
export async function packDirectory(
  upper: string,
  parent: FileTree,
  options: PackDirectoryOptions,
): Promise<LayerIndex> {
  const directory = new UpperDirectory(upper, parent, new Pace(options.signal), options);
  const contentOf = ({ path }: Entry) => ({ path: hostPath(directory.placeOf(path)), offset: 0, whole: true });
  const internal: InternalPackOptions = { ...options, contentOf, makeReadable: true };
  try {
    const index = await packChanges(await directory.changes(), internal);
    options.onLeftOver?.(directory.leftOver());
    return index;
  } finally {
    directory.restoreModes();
  }
}

async function pack(changes: readonly LayerChange[], fd: number, options: InternalPackOptions): Promise<LayerIndex> {
  const packer = new Packer(fd, options);
  try {
    const packed = await packer.pack(changes);
    const dates = datesDigest(packed);
    const index = { ...packer.finish(), content: contentDigest(packed), changes: packed.map(undated) };
    return dates === undefined ? index : { ...index, dates };
  } finally {
    packer.close();
  }
}

class Packer {
  readonly #options: InternalPackOptions;
  readonly #output: LayerFile;
  readonly #pace: Pace;
  readonly #regions: RegionReader;
  readonly #files = new Map<string, Entry>();

  constructor(fd: number, options: InternalPackOptions) {
    this.#options = options;
    this.#output = new LayerFile(fd);
    this.#pace = new Pace(options.signal);
    this.#regions = new RegionReader(this.#output, this.#pace, options.makeReadable ?? false);
  }

  async pack(changes: readonly LayerChange[]): Promise<LayerChange[]> {
    const linked = new Set(changes.map((change) => (isMark(change) ? undefined : change.hardlink)));
    const packed: LayerChange[] = [];
    for (const change of changes) {
      if (this.#pace.isDue()) await this.#rest();
      const written = isMark(change) ? this.#mark(change) : this.#entry(change);
      const done = written instanceof Promise ? await written : written;
      packed.push(done);
      if (linked.has(done.path) && !isMark(done)) this.#files.set(done.path, done);
    }
    return packed;
  }

  finish(): Pick<LayerIndex, "diffID" | "size"> {
    const result = this.#output.finish();
    this.#options.onProgress?.(result.size);
    return result;
  }

  close(): void {
    this.#regions.close();
  }

  async #rest(): Promise<void> {
    this.#options.onProgress?.(this.#output.size);
    await this.#pace.rest();
  }

  #mark(change: Exclude<LayerChange, Entry>): LayerChange {
    this.#output.writeHeaders(markFile(change));
    return change;
  }

  #entry(entry: Entry): Entry | Promise<Entry> {
    if (isMarkName(nameOf(entry.path))) throw markName(entry.path);
    if (entry.hardlink !== undefined) return this.#link(entry, entry.hardlink);
    if (entry.type === "file") return this.#file(entry);
    this.#output.writeHeaders(entry);
    return entry;
  }

  #link(entry: Entry, target: string): Entry {
    const inode = this.#files.get(target);
    if (!inode) throw new Error(`the hard link "${entry.path}" comes before its target "${target}"`);
    const link = { ...inode, path: entry.path, hardlink: target };
    this.#output.writeHeaders(link);
    return link;
  }

  #file(entry: Entry): Entry | Promise<Entry> {
    const content = entry.size === 0 ? EMPTY : this.#options.contentOf(entry);
    const size = content instanceof Uint8Array ? content.length : entry.size;
    this.#output.writeHeaders(size === entry.size ? entry : { ...entry, size });
    const offset = this.#output.size;
    if (content instanceof Uint8Array) {
      this.#output.write(content);
      return this.#done(entry, { size, offset, digest: sha256(content) });
    }
    const digest = this.#regions.copy(entry, content);
    if (typeof digest === "string") return this.#done(entry, { size, offset, digest });
    return digest.then((later) => this.#done(entry, { size, offset, digest: later }));
  }

  #done(entry: Entry, written: Required<Pick<Entry, "size" | "offset" | "digest">>): Entry {
    this.#output.pad(written.size);
    return { ...entry, ...written };
  }
}

const EMPTY = new Uint8Array();

function openOutput(path: string): number {
  try {
    return openSync(path, "w", 0o644);
  } catch (error) {
    throw writeError(error, `write "${path}"`);
  }
}

function markName(path: string): TsbuildError {
  const hint = "Rename or remove the file before the step ends.";
  return new TsbuildError(
    "unsupported",
    `"${shortPath(path)}" cannot be in a layer: names that begin with ".wh." mark deletions`,
    { hint },
  );
}
