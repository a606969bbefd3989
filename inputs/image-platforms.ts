// The platforms that an image is there for.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import {
  type BlobStore,
  type Descriptor,
  isIndex,
  parseIndex,
  parseReference,
  formatReference,
  type Platform,
  platformOfConfig,
  readBlob,
  readImage,
} from "../oci/index.js";
import { notHere, type ResolverOptions, rootInLayout, rootInRegistry } from "./resolve-image.js";

/** @param name as `imageResolver` takes it. @throws image_not_found, bad_reference */
export async function platformsOfImage(options: ResolverOptions, name: string): Promise<readonly Platform[]> {
  const { place, root } = await rootOf(options, name);
  if (!isIndex(root.mediaType)) return [platformOfConfig((await readImage(place, root)).config)];
  const { manifests } = parseIndex(await readBlob(place, root));
  return manifests.flatMap(({ platform }) => (platform && platform.os !== "unknown" ? [platform] : []));
}

async function rootOf(
  options: ResolverOptions,
  name: string,
): Promise<{ readonly place: BlobStore; readonly root: Descriptor }> {
  if (name.startsWith("oci-layout://")) {
    const { layout, root } = await rootInLayout(options, name);
    return { place: layout, root };
  }
  const reference = parseReference(name);
  const local = options.store.names.get(formatReference(reference));
  if (local && options.pull !== "always") return { place: options.store, root: local };
  if (options.pull === "never") return notHere(name);
  const { repository, root } = await rootInRegistry(options, name, reference);
  return { place: repository, root };
}
