// The files of an archive as they stream by, each in a file of its own, hashed on the way: an archive may name its parts
// before it has them, so all of it is taken before any of it is believed.

import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { decompressArchive, readTar, type TarMember, type TarVisitor } from "../filesystem/index.js";
import { Members } from "./members.js";

export interface StageOptions {
  /** An empty directory for the files, which the caller removes. */
  readonly directory: string;
  /** The archive, in words. @default "the archive" */
  readonly where?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Reads an archive to its end; compressed ones are known by their first bytes. @throws bad_archive, interrupted */
export async function stageArchive(
  content: Readable,
  { directory, where = "the archive", signal }: StageOptions,
): Promise<Members> {
  const visitor = new StagingVisitor(new Members(where), directory);
  try {
    await readTar(decompressArchive(content), visitor, signal ? { signal } : {});
  } finally {
    visitor.close();
  }
  return visitor.members;
}

interface OpenFile {
  readonly name: string;
  readonly path: string;
  readonly fd: number;
  readonly hash: Hash;
  size: number;
}

class StagingVisitor implements TarVisitor {
  readonly members: Members;
  readonly #directory: string;
  #open: OpenFile | undefined;

  constructor(members: Members, directory: string) {
    this.members = members;
    this.#directory = directory;
  }

  member(member: TarMember): void {
    if (this.members.link(member) || member.type !== "file") return;
    const path = join(this.#directory, String(this.members.count));
    const fd = openSync(path, "wx", 0o644);
    this.#open = { name: member.path, path, fd, hash: createHash("sha256"), size: 0 };
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
    this.members.add(name, { path, offset: 0, size, digest: `sha256:${hash.digest("hex")}` });
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }
}
