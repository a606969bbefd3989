// Words of archives of images: where things are in them, and what names an image.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { REF_NAME } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { type Descriptor, type Digest, formatReference, hexOf, isDigest, type Reference } from "../oci/index.js";

/** `oci`: an OCI image layout. `docker`: what `docker save` writes and `docker load` reads. An archive may be both. */
export type ArchiveForm = "oci" | "docker";

/** Says that this is an image layout, and of which version. */
export const LAYOUT_MARKER = "oci-layout";
export const LAYOUT_VERSION = '{"imageLayoutVersion":"1.0.0"}';

/** The file that lists the images, in each form. */
export const LIST_OF_IMAGES: Readonly<Record<ArchiveForm, string>> = { oci: "index.json", docker: "manifest.json" };

/** The annotation in which buildx, docker and containerd have the name in full. */
const IMAGE_NAME = "io.containerd.image.name";

const BLOBS = "blobs/sha256/";

export function blobName(digest: Digest): string {
  return `${BLOBS}${hexOf(digest)}`;
}

/** The digest that a blob should have by its name; undefined for what is no blob. */
export function digestOfName(name: string): Digest | undefined {
  const digest = `sha256:${name.slice(BLOBS.length)}`;
  return name.startsWith(BLOBS) && isDigest(digest) ? digest : undefined;
}

/** A descriptor for `index.json`, with the tag alone, for which skopeo looks, and the name in full. */
export function namedRoot(root: Descriptor, name: Reference): Descriptor {
  const annotations = { ...root.annotations, [IMAGE_NAME]: formatReference(name), [REF_NAME]: tagName(name) };
  return { ...root, annotations };
}

export function tagName(reference: Reference): string {
  return reference.tag ?? "latest";
}

/** What `index.json` calls an image: in full, and by a tag, which may be a name in full as well. */
export function namesOf({ annotations = {} }: Descriptor): { readonly full?: string; readonly tag?: string } {
  const { [IMAGE_NAME]: full, [REF_NAME]: tag } = annotations;
  return { ...(full !== undefined && { full }), ...(tag !== undefined && { tag }) };
}

export function badArchive(message: string): TsbuildError {
  return new TsbuildError("bad_archive", message, {
    hint: "Give an archive that docker save, podman save, skopeo or tsbuild made.",
  });
}
