// Images that are looked into where they are: in a registry, an archive, a layout. What is read of them is kept without a name,
// until the store is pruned.

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type BlobStore,
  copyBlob,
  copyImage,
  type Descriptor,
  hostPlatform,
  type Image,
  isIndex,
  matchPlatform,
  parseIndex,
  parseAskedPlatform,
  readBlob,
  readImage,
} from "../oci/index.js";
import { namesTransport, openSource, parseTransport } from "../transports/index.js";
import { findImage, type ImageWord } from "./find.js";
import type { IndexSource } from "./index-source.js";
import type { PlatformChoice } from "./inspect.js";
import type { Cancelable } from "./layers.js";
import { noteRegistryDigest } from "./pull.js";

export interface FetchOptions extends PlatformChoice, Cancelable {
  /** Whether layers are wanted, not only manifest and config. @default false */
  readonly layers?: boolean;
}

/**
 * What a word means that begins with a transport; any other word is given back. An image of the store that is called so comes first.
 * @throws bad_reference, image_not_found, platform_not_found, bad_archive, RegistryError
 */
export async function fetchImage(
  store: Store,
  places: IndexSource["places"],
  word: string,
  { platform, layers = false, signal }: FetchOptions = {},
): Promise<ImageWord> {
  if (!namesTransport(word) || (await isKept(store, word))) return word;
  const name = parseTransport(word);
  if (name.kind === "store") return findImage(store, word.slice("store:".length));
  const { place, root } = await openSource(name, { ...places, store, signal });
  const cancel = signal ? { signal } : {};
  const { descriptor, manifest } = await chosen(place, root, platform, cancel);
  if (layers) await copyImage(descriptor, place, store, cancel);
  else await copyBlob(manifest.config, place, store, cancel);
  for (const one of [descriptor, root]) await store.putManifest(plain(one), await readBlob(place, one, cancel));
  if (name.kind !== "registry") return { descriptor: root, names: [] };
  noteRegistryDigest(store, root.digest, { ...name.reference, digest: root.digest });
  return { descriptor: root, reference: name.reference, names: [name.reference] };
}

async function isKept(store: Store, word: string): Promise<boolean> {
  if (word.includes("//")) return false;
  try {
    await findImage(store, word);
    return true;
  } catch (error) {
    if (error instanceof TsbuildError && ["image_not_found", "bad_reference"].includes(error.code)) return false;
    throw error;
  }
}

/** As `chooseImage` chooses of what the store has: of an index without this machine's platform the first one. */
async function chosen(
  place: BlobStore,
  root: Descriptor,
  platform: string | undefined,
  cancel: Cancelable,
): Promise<Image> {
  const wanted = platform === undefined ? hostPlatform() : parseAskedPlatform(platform);
  if (isIndex(root.mediaType) && platform === undefined) {
    const images = parseIndex(await readBlob(place, root, cancel)).manifests.filter((one) => one.platform);
    const fits = images.some((one) => matchPlatform(wanted, one.platform!) !== undefined);
    if (!fits && images[0]) return readImage(place, images[0], cancel);
  }
  return readImage(place, root, { platform: wanted, ...cancel });
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
