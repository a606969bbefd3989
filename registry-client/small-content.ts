// Manifests and configs: whoever copies an image has read them already, to see what belongs to it. They are asked for once.

import { Readable } from "node:stream";
import { type Descriptor, type Digest, MediaType } from "../oci/index.js";
import { isNamed } from "./manifest-answer.js";

/** Bytes of one that is kept. */
const LARGEST = 1 << 20;
/** What is kept; the oldest goes first. */
const MOST = 16;

export class SmallContent {
  readonly #kept = new Map<Digest, Buffer>();

  /** @param open the verified content */
  async open(blob: Descriptor, open: () => Promise<Readable>): Promise<Readable> {
    if (!isKept(blob)) return open();
    const known = this.#kept.get(blob.digest);
    const bytes = known?.length === blob.size ? known : Buffer.concat(await (await open()).toArray());
    this.#keep(blob.digest, bytes);
    return Readable.from([bytes], { objectMode: false });
  }

  /** For what is deleted. */
  clear(): void {
    this.#kept.clear();
  }

  #keep(digest: Digest, bytes: Buffer): void {
    this.#kept.set(digest, bytes);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST) this.#kept.delete(oldest!);
  }
}

function isKept(blob: Descriptor): boolean {
  const isConfig = blob.mediaType === MediaType.config || blob.mediaType === MediaType.dockerConfig;
  return blob.size > 0 && blob.size <= LARGEST && (isConfig || isNamed(blob));
}
