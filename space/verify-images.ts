// Names of images whose manifest is gone, and images that lack a part which nobody is known to have.

import type { Store } from "../cache/index.js";
import { type Descriptor, formatPlatform, hexOf, isDigest, isIndex, isManifest } from "../oci/index.js";
import { childrenOf } from "./reachable.js";
import type { Suspect } from "./suspect.js";

/** @param dropped hex digests of blobs that are no good */
export function* wrongImages(store: Store, dropped: ReadonlySet<string>): Iterable<Suspect> {
  for (const { name, descriptor } of store.names.list()) {
    const isThere = ({ digest, size }: Descriptor) =>
      isDigest(digest) && store.blobs.hasSync({ digest, size }) && !dropped.has(hexOf(digest));
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

function whatIsLost(store: Store, root: Descriptor, isThere: IsThere): string | undefined {
  if (!isThere(root)) return "the store has lost its manifest";
  if (!isIndex(root.mediaType)) return lostPart(store, root, root, isThere);
  const here = childrenOf(store, root).filter(isThere);
  return here.map((manifest) => lostPart(store, root, manifest, isThere)).find((message) => message !== undefined);
}

/** What a registry is known to have is fetched when it is needed. */
function lostPart(store: Store, root: Descriptor, manifest: Descriptor, isThere: IsThere): string | undefined {
  if (!isManifest(manifest.mediaType) || isInRegistry(store, root) || isInRegistry(store, manifest)) return undefined;
  const lost = childrenOf(store, manifest).find((part) => !isManifest(part.mediaType) && !isThere(part));
  if (!lost) return undefined;
  const of = manifest.platform && manifest !== root ? ` for ${formatPlatform(manifest.platform)}` : "";
  return `the store has lost ${lost.digest}${of}, and knows no registry that has it: build or pull the image again`;
}

function isInRegistry(store: Store, { digest }: Descriptor): boolean {
  return (store.registryDigests.get(hexOf(digest)) ?? []).length > 0;
}
