// The images of an archive, as a place to copy from.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { pipeline, Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  formatReference,
  type ImageStore,
  isDigest,
  parseIndex,
  parseReference,
  Verifier,
} from "../oci/index.js";
import { type BlobContent, type DescribedImages, dockerImages } from "./docker-images.js";
import { type ArchiveForm, digestOfName, LAYOUT_MARKER, LIST_OF_IMAGES, namesOf } from "./format.js";
import { type Members, openMember } from "./members.js";

/** An archive that has both is read as a layout, which says more. Undefined for what is no archive of images. */
export function formOf(members: Members): ArchiveForm | undefined {
  const forms = (["oci", "docker"] as const).filter((form) => members.get(LIST_OF_IMAGES[form]));
  return members.get(LAYOUT_MARKER) ? forms[0] : forms.at(-1);
}

export class ArchiveImages implements ImageStore {
  /** What the archive lists: manifests and indexes, once for each name. */
  readonly images: readonly Descriptor[];
  readonly #blobs: ReadonlyMap<Digest, BlobContent>;
  readonly #where: string;

  private constructor({ images, blobs }: DescribedImages, where: string) {
    this.images = images;
    this.#blobs = blobs;
    this.#where = where;
  }

  /** @throws bad_archive, bad_manifest, bad_reference */
  static async of(members: Members, form: ArchiveForm): Promise<ArchiveImages> {
    return new ArchiveImages(await (form === "oci" ? layoutImages : dockerImages)(members), members.where);
  }

  /** The content of a blob, or where it is. Nothing is verified. */
  content({ digest }: Descriptor): BlobContent | undefined {
    return this.#blobs.get(digest);
  }

  async has(blob: Descriptor): Promise<boolean> {
    const content = this.content(blob);
    return content !== undefined && (content instanceof Uint8Array ? content.length : content.size) === blob.size;
  }

  async open(blob: Descriptor): Promise<Readable> {
    const found = this.content(blob);
    if (found === undefined)
      throw new TsbuildError("blob_not_found", `${this.#where} has no blob ${blob.digest}`, {
        hint: "Make the archive again: it is not whole.",
      });
    const content = found instanceof Uint8Array ? Readable.from([found], { objectMode: false }) : openMember(found);
    return pipeline(content, new Verifier(blob), () => {}); // a failure reaches whoever reads
  }

  async put(): Promise<never> {
    throw new Error("an archive that is read is not written");
  }

  async putManifest(): Promise<never> {
    throw new Error("an archive that is read is not written");
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    const found = this.find(reference);
    return found.length === 1 ? found[0] : undefined;
  }

  /** Those that have a tag, a name in full, or a digest; without any of them all. Each once: one may be listed under several names. */
  find(reference?: string): readonly Descriptor[] {
    const found = this.images.filter((image) => reference === undefined || isCalled(image, reference));
    return [...new Map(found.map((image) => [image.digest, image])).values()];
  }

  /** What tells the images apart: tags, and in full the names whose tag several have. */
  names(): string[] {
    const names = this.images.map((image) => {
      const { tag, full } = namesOf(image);
      return tag !== undefined && this.find(tag).length === 1 ? tag : (full ?? tag);
    });
    return [...new Set(names)].filter((name) => name !== undefined);
  }
}

async function layoutImages(members: Members): Promise<DescribedImages> {
  const { manifests: images } = parseIndex(await members.bytes(LIST_OF_IMAGES.oci));
  const blobs = new Map<Digest, BlobContent>();
  for (const name of members.names()) {
    const digest = digestOfName(name);
    const member = digest && members.get(name);
    if (member) blobs.set(digest, member);
  }
  return { images, blobs };
}

function isCalled(image: Descriptor, reference: string): boolean {
  if (isDigest(reference)) return image.digest === reference;
  const { tag, full } = namesOf(image);
  return tag === reference || (full !== undefined && isName(full, reference));
}

/** `app:1` for `docker.io/library/app:1`; a tag alone is no name. */
function isName(full: string, word: string): boolean {
  return full === word || (/[/:]/.test(word) && full === inFull(word));
}

/** Undefined for what is no name. */
function inFull(word: string): string | undefined {
  try {
    return formatReference(parseReference(word));
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "bad_reference") return undefined;
    throw error;
  }
}
