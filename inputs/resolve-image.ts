// What an image reference in a Dockerfile stands for: an image of the store, of a layout, or of a registry.

import { expectLayout, imagesOfLayout, Layout, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  formatPlatform,
  formatReference,
  hexOf,
  type Image,
  type ImageStore,
  isDigest,
  parseReference,
  type Platform,
  readImage,
  type Reference,
  sha256,
} from "../oci/index.js";
import type { Trust } from "../trust/index.js";
import type { ImageOrigin, ResolvedImage, ResolveImage } from "../planner/index.js";

/**
 * missing: an image that is here is used as it is. always: the registry is asked what the tag means now. newer: so too, but
 * what is here will do when the registry does not answer or has nothing. never: only what is here.
 */
export type PullPolicy = "missing" | "always" | "newer" | "never";

/** With a manifest in the store: the digest of the index that it was chosen from, or its own. */
const ROOT = "io.tsbuild.root";
/** With a manifest in the store: what it was signed with, as the policy had it then. */
const SEAL = "io.tsbuild.seal";

export interface ResolverOptions {
  readonly store: Store;
  readonly pull: PullPolicy;
  /** Opens a repository of a registry; called only when the network is needed. */
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  /** Asked before an image is taken from a registry or a layout. What was built or pulled here is trusted. */
  readonly trust: Trust;
}

export function imageResolver(options: ResolverOptions): ResolveImage {
  return async (name, platform) => {
    if (name.startsWith("oci-layout://")) return fromLayout(options, name, platform);
    const reference = parseReference(name);
    const fromHere = (pull: PullPolicy) => fromStore({ ...options, pull }, name, reference, platform);
    const fromThere = () => fromRegistry(options, name, reference, platform);
    switch (options.pull) {
      case "never":
        return (await fromHere("missing")) ?? notHere(name);
      case "newer":
        return fromThere().catch((error: unknown) => hereUnlessFatal(error, () => fromHere("missing")));
      default:
        return (await fromHere(options.pull)) ?? fromThere();
    }
  };
}

/** An image that was built or pulled here. A tag that the user asks to be looked up again is not taken from the store. */
async function fromStore(
  { store, pull, trust }: ResolverOptions,
  name: string,
  reference: Reference,
  platform: Platform,
): Promise<ResolvedImage | undefined> {
  const local = store.names.get(formatReference(reference));
  if (local && pull !== "always") {
    const image = await readImage(store, local, { platform });
    return { ...resolved(name, reference, image, { kind: "store" }), root: local.digest };
  }
  const pulled =
    pull === "always" && reference.digest === undefined ? undefined : store.pulled.use(pulledKey(reference, platform));
  if (!pulled || !store.blobs.hasSync(pulled)) return undefined;
  const { seal } = await trust.permit({ transport: "docker", reference });
  if (seal !== undefined && seal !== pulled.annotations?.[SEAL]) return undefined;
  const image = await readImage(store, pulled, { platform });
  const root = pulled.annotations?.[ROOT];
  return {
    ...resolved(name, reference, image, { kind: "registry", reference }),
    ...(root && isDigest(root) && { root }),
  };
}

async function fromRegistry(
  options: ResolverOptions,
  name: string,
  reference: Reference,
  platform: Platform,
): Promise<ResolvedImage> {
  const { store } = options;
  const { repository, root, permit } = await rootInRegistry(options, name, reference);
  const image = await readImage(repository, root, { platform });
  for (const blob of [image.descriptor, image.manifest.config])
    if (!store.blobs.hasSync(blob)) await store.put(blob, await repository.open(blob));
  store.pulled.put(pulledKey(reference, platform), {
    ...plain(image.descriptor),
    annotations: { [ROOT]: root.digest, ...(permit.seal && { [SEAL]: permit.seal }) },
  });
  return { ...resolved(name, reference, image, { kind: "registry", reference }), root: root.digest };
}

/** What a name stands for in its registry. @throws image_not_found, and what the policy throws */
export async function rootInRegistry({ openRepository, trust }: ResolverOptions, name: string, reference: Reference) {
  const permit = await trust.permit({ transport: "docker", reference });
  const unread = await openRepository(reference);
  const root = await unread.resolve(reference.digest ?? reference.tag!);
  if (!root) throw imageNotFound(name);
  return { repository: await permit.admit(unread, root), root, permit };
}

/** What is here stands in for a registry that is not there, or does not have the image. */
async function hereUnlessFatal(
  error: unknown,
  fromHere: () => Promise<ResolvedImage | undefined>,
): Promise<ResolvedImage> {
  if (!(error instanceof TsbuildError) || error.code === "interrupted") throw error;
  const found = await fromHere();
  if (!found) throw error;
  return found;
}

export function notHere(name: string): never {
  throw new TsbuildError("image_not_found", `the store has no image "${name}"`, {
    hint: "Pull it first, or let the build pull it: --pull=missing.",
  });
}

/** `oci-layout://DIRECTORY[:TAG][@DIGEST]`, as the planner writes a named context. */
async function fromLayout(options: ResolverOptions, name: string, platform: Platform): Promise<ResolvedImage> {
  const { layout, root, directory } = await rootInLayout(options, name);
  const image = await readImage(layout, root, { platform });
  return resolved(name, layoutReference(directory), image, { kind: "layout", directory });
}

/** What such a name stands for. @throws image_not_found, and what the policy throws */
export async function rootInLayout({ trust }: ResolverOptions, name: string) {
  const { directory, reference } = splitLayout(name.slice("oci-layout://".length));
  const layout = new Layout(directory);
  expectLayout(directory);
  const root = reference === undefined ? await onlyImage(layout) : await layout.resolve(reference);
  if (!root)
    throw new TsbuildError("image_not_found", `image layout "${directory}" has no image "${reference}"`, {
      hint: namesHint(layout),
    });
  const permit = await trust.permit({ transport: "oci", path: directory, tag: reference });
  return { layout: await permit.admit(layout, root), root, directory };
}

export function splitLayout(value: string): { directory: string; reference?: string } {
  const [path = "", digest] = value.split("@", 2);
  const colon = path.lastIndexOf(":");
  const tagged = colon > path.lastIndexOf("/");
  const reference = digest ?? (tagged ? path.slice(colon + 1) : undefined);
  return { directory: tagged ? path.slice(0, colon) : path, ...(reference !== undefined && { reference }) };
}

/** Without a name: the only image, or the one called `latest`. */
async function onlyImage(layout: Layout): Promise<Descriptor> {
  const latest = layout.names.get("latest");
  if (latest) return latest;
  const images = await imagesOfLayout(layout);
  if (images.length === 1) return images[0]!;
  throw new TsbuildError(
    "image_not_found",
    `expected one image in the layout "${layout.root}", found ${images.length}`,
    { hint: namesHint(layout) },
  );
}

function namesHint(layout: Layout): string {
  const names = layout.names.list().map(({ name }) => name);
  return names.length === 0
    ? "Give the directory of an OCI image layout that has an image."
    : `Name one of its images: ${names.join(", ")}.`;
}

function layoutReference(directory: string): Reference {
  return { registry: "oci-layout", repository: directory };
}

function resolved(name: string, reference: Reference, image: Image, origin: ImageOrigin): ResolvedImage {
  const { descriptor, manifest, config } = image;
  return { reference, name, manifest: plain(descriptor), config, layers: manifest.layers, origin };
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function pulledKey(reference: Reference, platform: Platform): string {
  return hexOf(sha256(`${formatReference(reference)} ${formatPlatform(platform)}`));
}

export function imageNotFound(name: string): TsbuildError {
  return new TsbuildError("image_not_found", `no image "${name}" in its registry`, {
    hint: "Check the name and the tag, and that you may read the repository.",
  });
}
