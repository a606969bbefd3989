// Opens what a transport's name means: an image to copy from, or a place to copy to.

import {
  type ArchiveForm,
  ArchiveImages,
  ArchiveWriter,
  LIST_OF_IMAGES,
  namesOf,
  openArchive,
} from "../archives/index.js";
import { expectLayout, imagesOfLayout, Layout, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  formatReference,
  type ImageStore,
  isDigest,
  parseReference,
  type Reference,
} from "../oci/index.js";
import { DirectoryImage } from "./directory.js";
import type { TransportName } from "./name.js";
import type { ImageSource, Trust } from "../trust/index.js";
import { removeUnfinished } from "./unfinished.js";

export interface TransportOptions {
  readonly store: Store;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  /** Asked before an image is taken. */
  readonly trust: Trust;
  readonly signal?: AbortSignal | undefined;
}

export interface Source {
  readonly place: ImageStore;
  readonly root: Descriptor;
  /** What the image is called there, without the place. */
  readonly tag?: string | undefined;
  /** What the image may be called elsewhere, in full. Absent where it has no name: a tag that is a version is none. */
  readonly name?: string;
}

export interface Destination {
  readonly place: ImageStore;
  readonly tag: string;
  /** Shows what was written. */
  finish(): Promise<void>;
  /** Removes what was not finished. */
  close(): Promise<void>;
}

const LATEST = "latest";
const FORMS = { "oci-archive": "oci", "docker-archive": "docker" } as const;

/** @throws image_not_found, bad_archive, RegistryError */
export async function openSource(name: TransportName, options: TransportOptions): Promise<Source> {
  const permit = name.kind === "store" ? undefined : await options.trust.permit(sourceOf(name));
  const { root, ...source } = await open(name, options);
  const place = permit === undefined ? source.place : await permit.admit(source.place, root);
  const { mediaType, digest, size } = root;
  const full = fullName(name, root);
  return { ...source, place, ...(full !== undefined && { name: full }), root: { mediaType, digest, size } }; // what it is called there is not part of the image
}

/** As others call the kinds of places. */
const TRANSPORTS = {
  layout: "oci",
  directory: "dir",
  "oci-archive": "oci-archive",
  "docker-archive": "docker-archive",
} as const;

/** As a policy knows it. */
function sourceOf(name: Exclude<TransportName, { kind: "store" }>): ImageSource {
  if (name.kind === "registry") return { transport: "docker", reference: name.reference };
  return { transport: TRANSPORTS[name.kind], path: name.path, tag: name.reference };
}

/** As Buildah names what it pulls from an archive or a layout: by the name there, else by the tag. */
function fullName(name: TransportName, root: Descriptor): string | undefined {
  if (name.kind === "registry") return formatReference(name.reference);
  if (name.kind === "store") return name.name;
  const { full, tag } = namesOf(root);
  const said = full ?? name.reference ?? tag;
  return said === undefined || isDigest(said) || VERSION.test(said) ? undefined : inFull(said);
}

/** Tags that are no names. */
const VERSION = /^(?:latest|v?\d[\w.-]*)$/;

/** Undefined for what cannot be a name: tags of layouts may be anything. */
function inFull(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "bad_reference") return undefined;
    throw error;
  }
}

async function open(name: TransportName, options: TransportOptions): Promise<Source> {
  if (name.kind === "registry") return fromRegistry(name.reference, options);
  if (name.kind === "store") return fromStore(options.store, name.name);
  if (name.kind === "layout") return fromLayout(new Layout(name.path), name.reference);
  if (name.kind === "directory") return fromDirectory(name.path);
  return fromArchive(name.path, name.reference, { form: FORMS[name.kind], ...options });
}

/** @param tag what the image is called where nothing else is said */
export async function openDestination(
  name: TransportName,
  tag: string | undefined,
  { store, openRepository }: TransportOptions,
): Promise<Destination> {
  if (name.kind === "registry") {
    const { reference } = name;
    return kept(await openRepository(reference), reference.tag ?? tag ?? LATEST);
  }
  if (name.kind === "store") return kept(store, name.name);
  if (isDigest(name.reference ?? "")) throw cannotName(name.reference!);
  if (name.kind === "layout") {
    const layout = Layout.create(name.path);
    removeUnfinished(name.path);
    return kept(layout, name.reference ?? tag ?? LATEST);
  }
  if (name.kind === "directory") {
    const image = DirectoryImage.create(name.path);
    removeUnfinished(name.path);
    return kept(image, LATEST);
  }
  const form = FORMS[name.kind];
  const writer = new ArchiveWriter(name.path, {
    form,
    name: name.reference ?? (form === "oci" ? tag : undefined),
    store,
  });
  return {
    place: writer,
    tag: LATEST,
    finish: () => writer.finish(),
    close: () => writer.close(),
  };
}

async function fromRegistry(reference: Reference, { openRepository, signal }: TransportOptions): Promise<Source> {
  const place = await openRepository(reference);
  const root = await place.resolve(reference.digest ?? reference.tag!, signal ? { signal } : {});
  if (root !== undefined) return { place, root, tag: reference.tag };
  throw new TsbuildError("image_not_found", `no image "${formatReference(reference)}" in its registry`, {
    hint: "Check the name and the tag, and that you may read the repository.",
  });
}

async function fromStore(store: Store, name: string): Promise<Source> {
  const root = await store.resolve(name);
  if (root === undefined) throw notFound(name, name, namesIn(store));
  return { place: store, root, tag: tagOf(name) };
}

async function fromLayout(layout: Layout, reference: string | undefined): Promise<Source> {
  expectLayout(layout.root);
  if (reference === undefined) return { place: layout, root: await onlyImage(layout), tag: undefined };
  const root = await layout.resolve(reference);
  if (root === undefined) throw notFound(layout.root, reference, namesIn(layout));
  return { place: layout, root, tag: tagOf(reference) };
}

/** The only image, or the one called `latest`. */
async function onlyImage(layout: Layout): Promise<Descriptor> {
  const images = await imagesOfLayout(layout);
  const root = images.length === 1 ? images[0] : layout.names.get(LATEST);
  if (root === undefined) throw notFound(layout.root, undefined, namesIn(layout), images.length);
  return root;
}

function namesIn({ names }: Pick<Layout, "names">): string[] {
  return names.list().map((image) => image.name);
}

async function fromDirectory(path: string): Promise<Source> {
  const place = await DirectoryImage.open(path);
  return { place, root: place.root };
}

async function fromArchive(
  path: string,
  reference: string | undefined,
  { form, ...options }: TransportOptions & { readonly form: ArchiveForm },
): Promise<Source> {
  const members = await openArchive(path, options);
  if (!members.get(LIST_OF_IMAGES[form])) throw noImages(path, form);
  const place = await ArchiveImages.of(members, form);
  const [root, ...others] = place.find(reference);
  if (root === undefined || others.length > 0)
    throw notFound(path, reference, place.names(), others.length + (root ? 1 : 0));
  return { place, root, tag: tagOf(reference) };
}

function kept(place: ImageStore, tag: string): Destination {
  return { place, tag, finish: async () => {}, close: async () => {} };
}

/** The tag of a tag, or of a full name. */
function tagOf(reference: string | undefined): string | undefined {
  if (reference === undefined || isDigest(reference)) return undefined;
  return reference.slice(reference.lastIndexOf(":") + 1);
}

function notFound(path: string, reference: string | undefined, known: readonly string[], found = 0): TsbuildError {
  const wanted = reference === undefined ? "one image" : `one image "${reference}"`;
  const what =
    reference !== undefined && found === 0
      ? `no image "${reference}" in "${path}"`
      : `expected ${wanted} in "${path}", found ${found}`;
  return new TsbuildError("image_not_found", what, {
    hint:
      known.length > 0 ? `Name one of its images: ${known.slice(0, 8).join(", ")}.` : "Check the path and the name.",
  });
}

function noImages(path: string, form: ArchiveForm): TsbuildError {
  const other = form === "oci" ? "docker-archive:" : "oci-archive:";
  return new TsbuildError("bad_archive", `"${path}": expected ${LIST_OF_IMAGES[form]}, found none`, {
    hint: `Try ${other}, or give an archive of images.`,
  });
}

function cannotName(reference: string): TsbuildError {
  return new TsbuildError("bad_reference", `expected a tag to copy to, found the digest ${reference}`, {
    hint: "Leave the digest out: it stays what it is.",
  });
}
