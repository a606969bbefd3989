// The files of an archive as they stream by, each in a file of its own, hashed on the way: an archive may name its parts
// before it has them, so all of it is taken before any of it is believed.

import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join, posix } from "node:path";
import type { Readable } from "node:stream";
import { TsbuildError } from "../../errors.js";
import { decompressArchive, readTar, type TarMember, type TarVisitor } from "../../filesystem/index.js";
import { type Digest, LARGEST_JSON } from "../../oci/index.js";

export interface StagedFile {
  /** Where it is now. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}

/** More members than any archive of images has. */
const MOST_FILES = 100_000;
/** Links to links; more is a loop. */
const MOST_LINKS = 8;

export class StagedArchive {
  readonly #files = new Map<string, StagedFile>();
  readonly #links = new Map<string, string>();

  add(name: string, file: StagedFile): void {
    this.#files.set(name, file);
  }

  /** A name that stands for another; old archives of docker have them. */
  link(name: string, target: string): void {
    this.#links.set(name, target);
  }

  get count(): number {
    return this.#files.size + this.#links.size;
  }

  get(name: string): StagedFile | undefined {
    let current = posix.normalize(name);
    for (let links = 0; links < MOST_LINKS && !this.#files.has(current); links++) {
      const target = this.#links.get(current);
      if (target === undefined) return undefined;
      current = target;
    }
    return this.#files.get(current);
  }

  /** @throws bad_archive when there is no such file, or one that is too large to be JSON */
  bytes(name: string): Buffer {
    const file = this.get(name);
    if (!file) throw badArchive(`expected "${name}" in the archive, found nothing under this name`);
    if (file.size > LARGEST_JSON)
      throw badArchive(`"${name}": expected at most ${LARGEST_JSON} bytes of JSON, found ${file.size}`);
    return readFileSync(file.path);
  }
}

/**
 * Reads an archive to its end; compressed ones are known by their first bytes.
 * @param directory takes the files; the caller removes it
 * @throws bad_archive, interrupted
 */
export async function stageArchive(
  content: Readable,
  directory: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<StagedArchive> {
  const visitor = new StagingVisitor(directory);
  try {
    await readTar(decompressArchive(content), visitor, options);
  } finally {
    visitor.close();
  }
  return visitor.archive;
}

interface OpenFile {
  readonly name: string;
  readonly path: string;
  readonly fd: number;
  readonly hash: Hash;
  size: number;
}

class StagingVisitor implements TarVisitor {
  readonly archive = new StagedArchive();
  readonly #directory: string;
  #open: OpenFile | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  member({ path: name, type, hardlink, target }: TarMember): void {
    if (this.archive.count >= MOST_FILES)
      throw badArchive(`expected at most ${MOST_FILES} files in an archive of images, found more`);
    if (hardlink !== undefined) this.archive.link(name, hardlink);
    else if (type === "symlink") this.archive.link(name, posix.join(posix.dirname(name), target ?? ""));
    else if (type === "file") this.#begin(name);
  }

  #begin(name: string): void {
    const path = join(this.#directory, String(this.archive.count));
    this.#open = { name, path, fd: openSync(path, "wx", 0o644), hash: createHash("sha256"), size: 0 };
  }

  content(bytes: Uint8Array): void {
    const open = this.#open;
    if (!open) return;
    open.hash.update(bytes);
    open.size += bytes.length;
    for (let at = 0; at < bytes.length;) at += writeSync(open.fd, bytes, at);
  }

  end(): void {
    if (!this.#open) return;
    const { name, path, hash, size } = this.#open;
    this.close();
    this.archive.add(name, { path, digest: `sha256:${hash.digest("hex")}`, size });
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }
}

export function badArchive(message: string): TsbuildError {
  return new TsbuildError("bad_archive", message, {
    hint: "Give an archive that docker save, podman save, skopeo or tsbuild made.",
  });
}
