// The blob of an eStargz layer while it is written: gzip members, one after the other.

import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { type Descriptor, type Digest, gzipMember } from "../../oci/index.js";
import { TOC_DIGEST, UNCOMPRESSED_SIZE } from "./toc.js";

/** The annotation by which the store remembers the digest of the uncompressed layer; it leaves no image. */
export const UNCOMPRESSED = "containerd.io/uncompressed";

/** Both digests, of the blob and of what it unpacks to, are known at the end. */
export class MemberFile {
  readonly #fd: number;
  readonly #level: number;
  readonly #compressed = createHash("sha256");
  readonly #plain = createHash("sha256");
  #plainSize = 0;
  size = 0;

  constructor(path: string, level: number) {
    this.#fd = openSync(path, "wx", 0o644);
    this.#level = level;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#plain.update(bytes);
    this.#plainSize += bytes.length;
    this.writeRaw(await gzipMember(bytes, this.#level));
  }

  writeRaw(bytes: Buffer): void {
    this.#compressed.update(bytes);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.size += bytes.length;
  }

  finish(table: Digest): Pick<Descriptor, "digest" | "size" | "annotations"> {
    const annotations = {
      [TOC_DIGEST]: table,
      [UNCOMPRESSED_SIZE]: String(this.#plainSize),
      [UNCOMPRESSED]: `sha256:${this.#plain.digest("hex")}`,
    };
    return { digest: `sha256:${this.#compressed.digest("hex")}`, size: this.size, annotations };
  }

  close(): void {
    closeSync(this.#fd);
  }
}
