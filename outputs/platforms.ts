// The images of several platforms as one: an image index over their manifests.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import { type Descriptor, type Dialect, type Index, MediaType, type Platform } from "../oci/index.js";
import { type Annotation, annotationsOf } from "./annotations.js";
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

export interface IndexForm {
  readonly dialect: Dialect;
  readonly annotations: readonly Annotation[];
}

/** One platform needs no index: its manifest is the image, as BuildKit has it. */
export function withIndex(platforms: readonly WrittenPlatform[], form: IndexForm): WrittenImage {
  return { platforms, root: platforms.length === 1 ? platforms[0]!.manifest : indexOf(platforms, form) };
}

function indexOf(platforms: readonly WrittenPlatform[], { dialect, annotations }: IndexForm): ManifestBytes {
  const manifests = platforms.map(({ platform, manifest }) => ({ ...manifest.descriptor, platform }));
  const mediaType = dialect === "oci" ? MediaType.index : MediaType.dockerManifestList;
  const index: Index = { schemaVersion: 2, mediaType, manifests, ...annotationsOf(annotations, "index") };
  const bytes = Buffer.from(JSON.stringify(index));
  return { descriptor: { ...describe(mediaType, bytes), ...annotationsOf(annotations, "index-descriptor") }, bytes };
}

/** All documents, each once: configs before manifests before the index. */
export function documentsOf({ root, platforms }: WrittenImage): ManifestBytes[] {
  const configs = platforms.map(({ image }) => ({ descriptor: image.configDescriptor, bytes: image.configBytes }));
  const all = [...configs, ...platforms.map(({ manifest }) => manifest), root];
  return [...new Map(all.map((document) => [document.descriptor.digest, document])).values()];
}

/** All layers, each once (S-177). */
export function layersOf({ platforms }: WrittenImage): Descriptor[] {
  return [...new Map(platforms.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer])).values()];
}
