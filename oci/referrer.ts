// Manifests about other manifests: how lists of them describe each.
// https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage

import type { Descriptor } from "./descriptor.js";
import { type Index, type Manifest, parseIndex, parseManifest } from "./manifest.js";
import { isIndex } from "./media-type.js";

/** What the manifest in `bytes` is about, or undefined. */
export function subjectOf({ mediaType }: Pick<Descriptor, "mediaType">, bytes: Uint8Array): Descriptor | undefined {
  return parse(mediaType, bytes).subject;
}

/** The descriptor that a list of referrers has for a manifest: with its artifact type and annotations. */
export function referrerOf({ mediaType, digest, size }: Descriptor, bytes: Uint8Array): Descriptor {
  const manifest = parse(mediaType, bytes);
  const artifactType = manifest.artifactType ?? ("config" in manifest ? manifest.config.mediaType : undefined);
  const { annotations } = manifest;
  return { mediaType, digest, size, ...(artifactType && { artifactType }), ...(annotations && { annotations }) };
}

function parse(mediaType: string, bytes: Uint8Array): Manifest | Index {
  return isIndex(mediaType) ? parseIndex(bytes) : parseManifest(bytes);
}
