// The images in a tar: an OCI image layout, or what `docker save` writes. Read in place, with no file unpacked.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { pipeline as pipelined } from "node:stream/promises";
import { REF_NAME, type Store, stagedName } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { decompressArchive, readTar } from "../filesystem/index.js";
import {
  type BlobStore,
  type Descriptor,
  type Digest,
  hexOf,
  type Index,
  isDigest,
  parseIndex,
  Verifier,
} from "../oci/index.js";
import { dockerImages } from "./docker-images.js";

/** Where the content of a member begins, and how long it is. */
export interface Member {
  readonly offset: number;
  readonly size: number;
}

/** Files by name. Links are followed. */
export type Members = ReadonlyMap<string, Member>;

const HEAD = 6;
const LARGEST_INDEX = 64 << 20;

export class ArchiveImages implements BlobStore {
  readonly #file: string;
  readonly #blobs: ReadonlyMap<Digest, Member | Uint8Array>;
  readonly #index: Index;

  private constructor(file: string, blobs: ReadonlyMap<Digest, Member | Uint8Array>, index: Index) {
    this.#file = file;
    this.#blobs = blobs;
    this.#index = index;
  }

  /** A compressed archive is decompressed into the scratch directory of `store`. @throws bad_archive, image_not_found */
  static async open(
    path: string,
    form: "oci" | "docker",
    store: Pick<Store, "scratch">,
    signal?: AbortSignal,
  ): Promise<ArchiveImages> {
    const file = await plainArchive(path, store, signal);
    const members = await membersOf(file, signal);
    const name = form === "oci" ? "index.json" : "manifest.json";
    const index = members.get(name);
    if (index === undefined) throw noImages(path, name);
    const bytes = await read(file, index);
    if (form === "oci") return new ArchiveImages(file, layoutBlobs(members), parseIndex(bytes));
    const images = await dockerImages(bytes, { file, members, read: (member) => read(file, member) });
    return new ArchiveImages(file, images.blobs, images.index);
  }

  async has({ digest, size }: Descriptor): Promise<boolean> {
    const blob = this.#blobs.get(digest);
    return blob !== undefined && (blob instanceof Uint8Array ? blob.length : blob.size) === size;
  }

  async open(blob: Descriptor): Promise<Readable> {
    const found = this.#blobs.get(blob.digest);
    if (found === undefined)
      throw new TsbuildError("blob_not_found", `"${this.#file}" has no blob ${blob.digest}`, {
        hint: "Make the archive again: it is not whole.",
      });
    const content = found instanceof Uint8Array ? Readable.from([found], { objectMode: false }) : this.#content(found);
    return pipeline(content, new Verifier(blob), () => {}); // a failure reaches whoever reads
  }

  async put(): Promise<never> {
    throw new Error("an archive that is read is not written");
  }

  /** A tag, a name or a digest; without one the only image. */
  find(reference: string | undefined): Descriptor | undefined {
    const { manifests } = this.#index;
    if (reference === undefined) return manifests.length === 1 ? manifests[0] : undefined;
    return manifests.find(({ digest, annotations }) =>
      isDigest(reference) ? digest === reference : annotations?.[REF_NAME] === reference,
    );
  }

  /** What the images are called. */
  names(): string[] {
    return this.#index.manifests.flatMap(({ annotations }) => annotations?.[REF_NAME] ?? []);
  }

  #content({ offset, size }: Member): Readable {
    if (size === 0) return Readable.from([]);
    return createReadStream(this.#file, { start: offset, end: offset + size - 1, highWaterMark: 1 << 20 });
  }
}

async function plainArchive(path: string, store: Pick<Store, "scratch">, signal?: AbortSignal): Promise<string> {
  const head = Buffer.alloc(HEAD);
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new TsbuildError("bad_archive", `cannot read "${path}": ${cause.code}`, { cause });
  });
  await file.read(head, 0, HEAD, 0).finally(() => file.close());
  const isCompressed = /^(?:1f8b|425a68|fd377a585a00|28b52ffd)/.test(head.toString("hex"));
  if (!isCompressed) return path;
  const plain = stagedName(join(store.scratch(), "archive"));
  await pipelined(decompressArchive(createReadStream(path)), createWriteStream(plain), signal ? { signal } : {});
  return plain;
}

async function membersOf(file: string, signal?: AbortSignal): Promise<Members> {
  const members = new Map<string, Member>();
  const links: [name: string, target: string][] = [];
  const visitor = {
    member: ({
      path,
      type,
      size,
      offset,
      hardlink,
      target,
    }: Parameters<Parameters<typeof readTar>[1]["member"]>[0]) => {
      if (hardlink !== undefined) links.push([path, hardlink]);
      else if (type === "symlink") links.push([path, join(path, "..", target ?? "")]);
      else if (type === "file" && offset !== undefined) members.set(path, { offset, size: size ?? 0 });
    },
    content() {},
    end() {},
  };
  await readTar(createReadStream(file, { highWaterMark: 1 << 20 }), visitor, signal ? { signal } : {});
  for (const [name, target] of links) {
    const found = members.get(target);
    if (found !== undefined) members.set(name, found);
  }
  return members;
}

function layoutBlobs(members: Members): ReadonlyMap<Digest, Member> {
  const named = [...members].flatMap(([name, member]) => {
    const digest = `sha256:${name.slice(name.lastIndexOf("/") + 1)}`;
    return isDigest(digest) && name === `blobs/sha256/${hexOf(digest)}` ? [[digest, member] as const] : [];
  });
  return new Map(named);
}

/** The whole of a small member. */
async function read(file: string, { offset, size }: Member): Promise<Buffer> {
  if (size > LARGEST_INDEX)
    throw new TsbuildError(
      "bad_archive",
      `"${file}": expected an index of at most ${LARGEST_INDEX} bytes, found ${size}`,
    );
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(size);
    await handle.read(bytes, 0, size, offset);
    return bytes;
  } finally {
    await handle.close();
  }
}

function noImages(path: string, name: string): TsbuildError {
  const other = name === "index.json" ? "docker-archive:" : "oci-archive:";
  return new TsbuildError("bad_archive", `"${path}": expected ${name}, found none`, {
    hint: `Try ${other}, or give an archive of images.`,
  });
}
