// ADD of an archive: a source file whose content is a tar, plain or compressed, is extracted (S-106 to S-109).

import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import {
  decompressArchive,
  type Entry,
  type FileRegion,
  joinPath,
  looksLikeTar,
  nameOf,
  parentOf,
  readTar,
  type TarMember,
} from "../../filesystem/index.js";
import type { CopyOp } from "../../planner/index.js";
import type { Destination } from "./destination.js";
import type { Selected, SourceTree } from "./source.js";
import type { CopyRules } from "./transfer.js";

export interface ExtractTarget {
  readonly destination: Destination;
  /** Always a directory (S-108). */
  readonly target: string;
  readonly options: CopyRules;
  readonly inputs: { readonly scratch: () => string; readonly signal?: AbortSignal };
}

/** @returns false when the source is no archive, and is to be copied as it is */
export async function unpackSelected(
  { entry }: Selected,
  source: SourceTree,
  unpack: CopyOp["unpack"],
  target: ExtractTarget,
): Promise<boolean> {
  if (unpack === "never" || entry.type !== "file" || entry.size === 0) return false;
  const region = source.contentOf(entry);
  if (!(await isArchive(region, entry.size))) {
    if (unpack === "auto") return false;
    throw new TsbuildError("bad_archive", `"${entry.path}" is not a tar archive`, {
      hint: "Leave out --unpack to add the file as it is.",
    });
  }
  await extract(openArchive(region, entry.size), target);
  return true;
}

async function isArchive(region: FileRegion, size: number): Promise<boolean> {
  try {
    for await (const first of blocksOf(openArchive(region, size))) return looksLikeTar(first);
    return false;
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "bad_archive") return false;
    throw error;
  }
}

/** The first 512 bytes, or all there are. */
async function* blocksOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let block: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    block = Buffer.concat([block, chunk]);
    if (block.length >= 512) break;
  }
  yield block;
}

function openArchive({ path, offset }: FileRegion, size: number): AsyncIterable<Uint8Array> {
  return decompressArchive(createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1 << 18 }));
}

/** Contents go to one file in the scratch directory; entries point into it. */
async function extract(
  archive: AsyncIterable<Uint8Array>,
  { destination, target, options, inputs }: ExtractTarget,
): Promise<void> {
  destination.makeDirectory(target);
  const path = stagedName(join(inputs.scratch(), "archive"));
  const fd = openSync(path, "wx", 0o600);
  const extraction = new Extraction(destination, target, options, path);
  let end = 0;
  try {
    const visitor = {
      member: (member: TarMember) => extraction.add(member, end),
      content: (bytes: Uint8Array) => void (end += writeSync(fd, bytes)),
      end: () => {},
    };
    await readTar(archive, visitor, inputs.signal ? { signal: inputs.signal } : {});
  } finally {
    closeSync(fd);
  }
}

class Extraction {
  readonly #destination: Destination;
  readonly #target: string;
  readonly #options: CopyRules;
  readonly #contents: string;

  constructor(destination: Destination, target: string, options: CopyRules, contents: string) {
    this.#destination = destination;
    this.#target = target;
    this.#options = options;
    this.#contents = contents;
  }

  /** Owners and modes are the archive's; `--chown` is for all of them, `--chmod` for none (S-108). */
  add({ path, hardlink, ...member }: TarMember, offset: number): void {
    if (path === "") return;
    const place = this.#place(path);
    const existing = this.#destination.get(place);
    this.#destination.makeDirectory(parentOf(place));
    if (existing?.type === "directory" && member.type !== "directory") this.#destination.forget(place);
    const entry: Entry = { ...member, ...this.#options.owner, path: place, isDated: true };
    if (hardlink !== undefined) this.#link(entry, this.#place(hardlink));
    else if (entry.type === "file") this.#destination.put(entry, { path: this.#contents, offset });
    else this.#destination.put(entry);
  }

  #link(entry: Entry, first: string): void {
    const inode = this.#destination.get(first);
    if (inode?.type !== "file")
      throw new TsbuildError(
        "bad_archive",
        `the archive has a hard link "${entry.path}" to "${first}", which is no file before it`,
      );
    this.#destination.put({ ...inode, path: entry.path, hardlink: inode.hardlink ?? first });
  }

  /** Symlinks on the way are followed inside the image's root; they cannot lead out of it (S-109). */
  #place(path: string): string {
    const parent = this.#destination.resolve(joinPath(this.#target, parentOf(path)));
    return joinPath(parent, nameOf(path));
  }
}
