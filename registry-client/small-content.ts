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
  readonly #coming = new Map<Digest, Promise<Buffer>>();

  /** @param open the verified content */
  async open(blob: Descriptor, open: () => Promise<Readable>): Promise<Readable> {
    if (!isKept(blob)) return open();
    const coming = this.#coming.get(blob.digest);
    this.#coming.delete(blob.digest);
    const known = this.#kept.get(blob.digest) ?? (await coming?.catch(() => undefined)); // else it says itself what is wrong
    const bytes = known?.length === blob.size ? known : await read(open);
    this.#keep(blob.digest, bytes);
    return Readable.from([bytes], { objectMode: false });
  }

  /** Fetches what will be opened. */
  expect(blob: Descriptor, open: () => Promise<Readable>): void {
    if (!isKept(blob) || this.#kept.has(blob.digest) || this.#coming.has(blob.digest)) return;
    const coming = read(open);
    coming.catch(() => {}); // told to whoever opens it
    this.#coming.set(blob.digest, coming);
  }

  /** For what is deleted. */
  clear(): void {
    this.#kept.clear();
    this.#coming.clear();
  }

  #keep(digest: Digest, bytes: Buffer): void {
    this.#kept.set(digest, bytes);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST) this.#kept.delete(oldest!);
  }
}

async function read(open: () => Promise<Readable>): Promise<Buffer> {
  return Buffer.concat(await (await open()).toArray());
}

function isKept(blob: Descriptor): boolean {
  const isConfig = blob.mediaType === MediaType.config || blob.mediaType === MediaType.dockerConfig;
  return blob.size > 0 && blob.size <= LARGEST && (isConfig || isNamed(blob));
}
