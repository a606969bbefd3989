// The files of an archive by their names, with links followed.

import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { TarMember } from "../filesystem/index.js";
import { type Digest, LARGEST_JSON } from "../oci/index.js";
import { badArchive } from "./format.js";

/** Where the content of a file is: in the archive, or in a file of its own. */
export interface Member {
  readonly path: string;
  /** Where it begins there, in bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Of a member in a file of its own, whose bytes were hashed on the way. */
  readonly digest?: Digest;
}

/** More members than any archive of images has. */
const MOST_FILES = 100_000;
/** Links to links; more is a loop. */
const MOST_LINKS = 8;

export class Members {
  /** The archive, in words: `"app.tar"`. */
  readonly where: string;
  readonly #files = new Map<string, Member>();
  readonly #links = new Map<string, string>();

  constructor(where: string) {
    this.where = where;
  }

  /** Links and files together. */
  get count(): number {
    return this.#files.size + this.#links.size;
  }

  add(name: string, member: Member): void {
    this.#files.set(name, member);
  }

  /** Notes a name that stands for another, which old archives of docker have. @returns false when it is no link @throws bad_archive for one member too many */
  link({ path: name, type, hardlink, target }: TarMember): boolean {
    if (this.count >= MOST_FILES)
      throw badArchive(`expected at most ${MOST_FILES} files in an archive of images, found more`);
    if (hardlink !== undefined) this.#links.set(name, hardlink);
    else if (type === "symlink") this.#links.set(name, posix.join(posix.dirname(name), target ?? ""));
    return hardlink !== undefined || type === "symlink";
  }

  get(name: string): Member | undefined {
    let current = posix.normalize(name);
    for (let links = 0; links < MOST_LINKS && !this.#files.has(current); links++) {
      const target = this.#links.get(current);
      if (target === undefined) return undefined;
      current = target;
    }
    return this.#files.get(current);
  }

  /** @throws bad_archive when there is no such file */
  expect(name: string, what = `"${name}"`): Member {
    const member = this.get(name);
    if (member) return member;
    throw badArchive(`expected ${what} in ${this.where}, found nothing under this name`);
  }

  /** A small file. @throws bad_archive when there is no such file, or one that is too large to be JSON */
  async bytes(name: string): Promise<Buffer> {
    const member = this.expect(name);
    if (member.size <= LARGEST_JSON) return buffer(openMember(member));
    throw badArchive(
      `"${name}" in ${this.where}: expected at most ${LARGEST_JSON} bytes of JSON, found ${member.size}`,
    );
  }

  /** Of files and of links, also of those that lead nowhere. */
  names(): readonly string[] {
    return [...this.#files.keys(), ...this.#links.keys()];
  }
}

export function openMember({ path, offset, size }: Member): Readable {
  if (size === 0) return Readable.from([]);
  return createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1 << 20 });
}
