// Names of images whose manifest is gone, and images that lack a part: is a registry known to have it, a note says so.

import type { Store } from "../cache/index.js";
import {
  type Descriptor,
  formatFamiliar,
  formatPlatform,
  hexOf,
  isDigest,
  isIndex,
  isManifest,
  parseReference,
  type Reference,
} from "../oci/index.js";
import { childrenOf } from "./reachable.js";
import type { Suspect } from "./suspect.js";

/** @param dropped hex digests of blobs that are no good */
export function* wrongImages(store: Store, dropped: ReadonlySet<string>): Iterable<Suspect> {
  const isThere = presence(store, dropped);
  for (const { name, descriptor } of store.names.list()) {
    const message = whatIsLost(store, descriptor, isThere);
    if (message === undefined) continue;
    const isStillWrong = () =>
      whatIsLost(store, descriptor, isThere) === message && store.names.get(name)?.digest === descriptor.digest;
    yield { kind: "image", name, message, isStillWrong, ...remedy(store, name, isThere(descriptor)) };
  }
}

/** A name without its manifest means nothing. An image that lacks a part is whole again when its build or pull is repeated. */
function remedy(store: Store, name: string, hasManifest: boolean): Pick<Suspect, "drop" | "stays"> {
  if (hasManifest) return { stays: true };
  return { drop: () => async () => void (await store.names.remove(name)) };
}

type IsThere = (blob: Descriptor) => boolean;

function presence(store: Store, dropped: ReadonlySet<string>): IsThere {
  return ({ digest, size }) => isDigest(digest) && store.blobs.hasSync({ digest, size }) && !dropped.has(hexOf(digest));
}

function whatIsLost(store: Store, root: Descriptor, isThere: IsThere): string | undefined {
  if (!isThere(root)) return "the store has lost its manifest";
  if (!isIndex(root.mediaType)) return lostPart(store, root, root, isThere);
  const here = childrenOf(store, root).filter(isThere);
  return here.map((manifest) => lostPart(store, root, manifest, isThere)).find((message) => message !== undefined);
}

function lostPart(store: Store, root: Descriptor, manifest: Descriptor, isThere: IsThere): string | undefined {
  const lost = missingPart(store, manifest, isThere);
  if (!lost || placeOf(store, root, manifest, lost)) return undefined;
  const of = manifest.platform && manifest !== root ? ` for ${formatPlatform(manifest.platform)}` : "";
  return `the store has lost ${lost.digest}${of}, and knows no registry that has it: build or pull the image again`;
}

function missingPart(store: Store, manifest: Descriptor, isThere: IsThere): Descriptor | undefined {
  if (!isManifest(manifest.mediaType)) return undefined;
  return childrenOf(store, manifest).find((part) => !isManifest(part.mediaType) && !isThere(part));
}

/** Where a registry is known to have a part of an image. What was pushed compressed is not there as the store had it. */
function placeOf(store: Store, root: Descriptor, manifest: Descriptor, part: Descriptor): Reference | undefined {
  const digests = [manifest.digest, root.digest];
  const places = digests.flatMap((digest) => store.registryDigests.get(hexOf(digest)) ?? []).map(parseReference);
  const isAsBuilt = part.mediaType.endsWith("tar");
  return places.find(({ digest }) => !isAsBuilt || digests.some((own) => own === digest));
}

/** An image that lacks a part which a registry is known to have. */
export interface Note {
  /** Of the image. */
  readonly name: string;
  /** In lower case, no period. */
  readonly message: string;
}

/** Images of an index by `manifest create` that stay in their registries lack nothing. */
export function notesOfImages(store: Store, dropped: ReadonlySet<string>): Note[] {
  const isThere = presence(store, dropped);
  return store.names.list().flatMap(({ name, descriptor: root }) => {
    if (!isThere(root)) return [];
    const manifests = isIndex(root.mediaType)
      ? childrenOf(store, root).filter((one) => isThere(one) && !store.registryDigests.get(hexOf(one.digest)))
      : [root];
    return manifests.flatMap((manifest) => {
      const lost = missingPart(store, manifest, isThere);
      const place = lost && placeOf(store, root, manifest, lost);
      return place ? [{ name, message: whoHas(lost, place, parseReference(name)) }] : [];
    });
  });
}

function whoHas({ digest }: Descriptor, place: Reference, name: Reference): string {
  const isOwn = place.registry === name.registry && place.repository === name.repository;
  const pulled = formatFamiliar(isOwn ? name : place);
  return `it lacks ${digest}, which ${place.registry} has: fetch it with tsbuild pull ${pulled}`;
}
