// The images of several platforms as one: an image index over their manifests.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import { type Descriptor, type Index, MediaType, type Platform } from "../oci/index.js";
import { type AssembledImage, describe, type ManifestBytes } from "./assemble.js";

/** What a build made for a platform. */
export interface PlatformImage {
  readonly platform: Platform;
  readonly image: AssembledImage;
}

/** A platform's image with its layers in the form that an output has them. */
export interface WrittenPlatform extends PlatformImage {
  readonly layers: readonly Descriptor[];
  readonly manifest: ManifestBytes;
}

export interface WrittenImage {
  /** The manifest of the only platform, or the index over those of all. */
  readonly root: ManifestBytes;
  /** In the order in which the user named them. */
  readonly platforms: readonly WrittenPlatform[];
}

/** One platform needs no index: its manifest is the image, as BuildKit has it. */
export function withIndex(platforms: readonly WrittenPlatform[]): WrittenImage {
  return { platforms, root: platforms.length === 1 ? platforms[0]!.manifest : indexOf(platforms) };
}

function indexOf(platforms: readonly WrittenPlatform[]): ManifestBytes {
  const manifests = platforms.map(({ platform, manifest }) => ({ ...manifest.descriptor, platform }));
  const index: Index = { schemaVersion: 2, mediaType: MediaType.index, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  return { descriptor: describe(MediaType.index, bytes), bytes };
}
