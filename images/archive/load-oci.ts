// An OCI image layout in an archive → images of the store.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { REF_NAME, type Store } from "../../cache/index.js";
import {
  type Descriptor,
  formatReference,
  isIndex,
  isManifest,
  parseIndex,
  parseReference,
  readImage,
} from "../../oci/index.js";
import { blobsOf, indexedManifests, isRunnable } from "../root.js";
import type { LoadedImage } from "./loaded.js";
import { badArchive, type StagedArchive } from "./stage.js";
import { StagedBlobs } from "./staged-blobs.js";

/** The annotation in which buildx, docker and containerd have the name in full. */
const IMAGE_NAME = "io.containerd.image.name";

/** Blobs first, then the names, so that a name never leads to something incomplete. @throws bad_archive, bad_manifest */
export async function loadLayout(store: Store, archive: StagedArchive): Promise<LoadedImage[]> {
  const blobs = new StagedBlobs(archive, store);
  const loaded = new Map<string, LoadedImage>();
  for (const { annotations = {}, ...descriptor } of parseIndex(archive.bytes("index.json")).manifests) {
    if (!isIndex(descriptor.mediaType) && !isManifest(descriptor.mediaType)) continue;
    for (const blob of await blobsOf(blobs, descriptor)) blobs.take(blob);
    const name = nameOf(annotations);
    const known = loaded.get(descriptor.digest) ?? { ...(await describe(store, descriptor)), names: [] };
    loaded.set(descriptor.digest, { ...known, names: name === undefined ? known.names : [...known.names, name] });
  }
  if (loaded.size === 0) throw badArchive("expected images in index.json of the archive, found none");
  return [...loaded.values()];
}

/** Every image of an index that is here is whole. @throws bad_manifest */
async function describe(store: Store, { mediaType, digest, size }: Descriptor) {
  const descriptor = { mediaType, digest, size };
  if (!isIndex(mediaType)) {
    const { manifest } = await readImage(store, descriptor);
    return { descriptor, imageId: manifest.config.digest };
  }
  const manifests = (await indexedManifests(store, descriptor)).filter((one) => isRunnable(one) && one.isHere);
  for (const one of manifests) await readImage(store, one.descriptor);
  return { descriptor, imageId: digest };
}

/** `1.0` alone is a tag without a repository, which is no name here. */
function nameOf(annotations: Readonly<Record<string, string>>): string | undefined {
  const name = annotations[IMAGE_NAME] ?? annotations[REF_NAME];
  if (name === undefined || (annotations[IMAGE_NAME] === undefined && !/[/:]/.test(name))) return undefined;
  return formatReference(parseReference(name));
}
