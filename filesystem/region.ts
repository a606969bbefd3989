// The bytes of files on the host that go into a layer, checked against what is known of them.

import { chmodSync, closeSync, constants, lstatSync, openSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import type { Digest } from "../oci/index.js";
import { FileHasher } from "./content-digest.js";
import { shortPath } from "./deep-path.js";
import type { Entry } from "./entry.js";
import { type LayerFile, PIECE } from "./layer-file.js";
import type { Pace } from "./pace.js";
import { decodeName } from "./path-bytes.js";

/** Where content is on the host: in a regular file that is not behind a symlink. */
export interface FileRegion {
  readonly path: string | Buffer;
  readonly offset: number;
  /**
   * Whether the file has nothing else, and so must have the entry's size. Not needed for an entry whose digest is known.
   * @default false
   */
  readonly whole?: boolean;
}

/** What opening or reading a symlink, a directory, a socket and a fifo say. */
const NOT_REGULAR = ["ELOOP", "EISDIR", "ENXIO", "ESPIPE"];
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Where the bytes of regions go. */
export type RegionOutput = Pick<LayerFile, "writeFrom">;

/** Copies regions into a layer file, or another output. The file that was read last stays open, because parts of one file come together. */
export class RegionReader {
  readonly #output: RegionOutput;
  readonly #pace: Pace;
  readonly #hasher = new FileHasher();
  #open: { readonly path: string; readonly fd: number } | undefined;
  readonly #makeReadable: boolean;

  /** @param makeReadable says whether to read files that forbid it to their own owner, which we are. */
  constructor(output: RegionOutput, pace: Pace, makeReadable: boolean) {
    this.#output = output;
    this.#pace = pace;
    this.#makeReadable = makeReadable;
  }

  /**
   * Writes `entry.size` bytes and returns their digest. It is a promise only for big files.
   * @throws source_not_found, source_changed
   */
  copy(entry: Entry, region: FileRegion): Digest | Promise<Digest> {
    const fd = this.#fd(entry, region);
    this.#hasher.begin(entry.size);
    const first = this.#piece(fd, entry, region, 0);
    return first === entry.size ? this.#end(entry, region) : this.#rest(fd, entry, region, first);
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  async #rest(fd: number, entry: Entry, region: FileRegion, start: number): Promise<Digest> {
    for (let done = start; done < entry.size;) {
      if (this.#pace.isDue()) await this.#pace.rest();
      done += this.#piece(fd, entry, region, done);
    }
    return this.#end(entry, region);
  }

  /** Copies as much as fits the buffer. At the end of a whole file it asks for one byte more than there should be. */
  #piece(fd: number, entry: Entry, { offset, whole }: FileRegion, done: number): number {
    const length = Math.min(entry.size - done, PIECE);
    const peek = whole && done + length === entry.size ? 1 : 0;
    const { bytes, extra } = guardRead(entry, () => this.#output.writeFrom(fd, offset + done, length, peek));
    if (bytes.length === 0) throw changed(entry, `expected ${entry.size} bytes, found ${done}`);
    if (extra > 0) throw changed(entry, `expected ${entry.size} bytes, found more`);
    this.#hasher.update(bytes);
    return bytes.length;
  }

  #end(entry: Entry, region: FileRegion): Digest {
    if (region.offset === 0) this.close();
    const digest = this.#hasher.end();
    if (entry.digest !== undefined && entry.digest !== digest)
      throw changed(entry, `expected ${entry.digest}, read ${digest}`);
    return digest;
  }

  #fd(entry: Entry, { path, offset }: FileRegion): number {
    const name = typeof path === "string" ? path : decodeName(path);
    if (this.#open && (offset === 0 || this.#open.path !== name)) this.close();
    this.#open ??= { path: name, fd: guardRead(entry, () => this.#openFile(path)) };
    return this.#open.fd;
  }

  #openFile(path: string | Buffer): number {
    try {
      return openSync(path, FLAGS);
    } catch (error) {
      if (!this.#makeReadable || (error as NodeJS.ErrnoException).code !== "EACCES") throw error;
      return openUnreadable(path);
    }
  }
}

/** Opens a file of ours whose mode does not let us read it, and leaves the mode as it was. */
function openUnreadable(path: string | Buffer): number {
  const { mode } = lstatSync(path);
  chmodSync(path, 0o600);
  try {
    return openSync(path, FLAGS);
  } finally {
    chmodSync(path, mode & 0o7777);
  }
}

function guardRead<T>(entry: Entry, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new TsbuildError("source_not_found", `"${shortPath(entry.path)}" is gone`, { cause: error });
    if (NOT_REGULAR.includes(code ?? "")) throw changed(entry, "it is no longer a regular file", error);
    if (code === "EACCES" || code === "EPERM") {
      throw new TsbuildError("source_not_found", `"${shortPath(entry.path)}" cannot be read: permission denied`, {
        cause: error,
        hint: "Make the file readable, or exclude it in .dockerignore.",
      });
    }
    throw error;
  }
}

function changed(entry: Entry, what: string, cause?: unknown): TsbuildError {
  return new TsbuildError("source_changed", `"${shortPath(entry.path)}" changed during the build: ${what}`, {
    cause,
    hint: "Build again when nothing writes to the file.",
  });
}
