// The images of several platforms as one: an image index over their manifests.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import {
  type AttestationForm,
  type AttestationManifest,
  attestationManifest,
  type Predicate,
  subjectsOf,
} from "../attestations/index.js";
import { type Descriptor, type Dialect, type Index, MediaType, type Platform, type Reference } from "../oci/index.js";
import { type Annotation, annotationsOf } from "./annotations.js";
import { type AssembledImage, describe, type ManifestBytes } from "./assemble.js";

/** What a build made for a platform. */
export interface PlatformImage {
  readonly platform: Platform;
  readonly image: AssembledImage;
  /** What is said of it, in a manifest of its own. @default [] */
  readonly attestations?: readonly Predicate[];
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
  /** Of the platforms that have any. */
  readonly attestations: readonly AttestationManifest[];
}

export interface IndexForm {
  readonly dialect: Dialect;
  readonly annotations: readonly Annotation[];
  /** @default "image" */
  readonly attestationForm?: AttestationForm;
  /** Those that attestations know the image by. */
  readonly names: readonly Reference[];
}

/** One platform of which nothing is said needs no index: its manifest is the image, as BuildKit has it. */
export function withIndex(platforms: readonly WrittenPlatform[], form: IndexForm): WrittenImage {
  const attestations = platforms.flatMap((platform) => attestationsOf(platform, form));
  const isAlone = platforms.length === 1 && attestations.length === 0;
  const root = isAlone ? platforms[0]!.manifest : indexOf(platforms, attestations, form);
  return { platforms, attestations, root };
}

function attestationsOf(
  { platform, manifest, attestations = [] }: WrittenPlatform,
  { attestationForm: form = "image", names }: IndexForm,
): AttestationManifest[] {
  if (attestations.length === 0) return [];
  const subjects = subjectsOf(manifest.descriptor, names, platform);
  return [attestationManifest(manifest.descriptor, attestations, { subjects, form })];
}

function indexOf(
  platforms: readonly WrittenPlatform[],
  attestations: readonly AttestationManifest[],
  { dialect, annotations }: IndexForm,
): ManifestBytes {
  const images = platforms.map((one) => ({ ...one.manifest.descriptor, platform: systemOf(one) }));
  const manifests = [...images, ...attestations.map(({ manifest }) => manifest.descriptor)];
  const mediaType = dialect === "oci" ? MediaType.index : MediaType.dockerManifestList;
  const index: Index = { schemaVersion: 2, mediaType, manifests, ...annotationsOf(annotations, "index") };
  const bytes = Buffer.from(JSON.stringify(index));
  return { descriptor: { ...describe(mediaType, bytes), ...annotationsOf(annotations, "index-descriptor") }, bytes };
}

/** With what the config says of the system beyond its name. */
function systemOf({ platform, image: { config } }: WrittenPlatform): Platform {
  const { "os.version": version, "os.features": features } = config;
  return { ...platform, ...(version && { "os.version": version }), ...(features && { "os.features": features }) };
}

/** All documents, each once: configs and statements before manifests before the index. */
export function documentsOf({ root, platforms, attestations }: WrittenImage): ManifestBytes[] {
  const configs = platforms.map(({ image }) => ({ descriptor: image.configDescriptor, bytes: image.configBytes }));
  const statements = attestations.flatMap(({ blobs, manifest }) => [...blobs, manifest]);
  const all = [...configs, ...statements, ...platforms.map(({ manifest }) => manifest), root];
  return [...new Map(all.map((document) => [document.descriptor.digest, document])).values()];
}

/** All layers, each once (S-177). */
export function layersOf({ platforms }: WrittenImage): Descriptor[] {
  return [...new Map(platforms.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer])).values()];
}
