// Copies a finished image to one output.

import { Layout, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { copyImage, type Descriptor, formatReference, type ImageStore, type Reference } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";
import type { WorkReporter } from "../progress.js";
import { writeArchive } from "./archive.js";
import { type AssembledImage, keepConfig, type ManifestBytes, manifestOf } from "./assemble.js";
import { dockerArchive } from "./docker-archive.js";
import { ImageBlobs } from "./image-blobs.js";
import { layerBlobs } from "./layer-blobs.js";
import { ociArchive } from "./oci-archive.js";
import type { OutputSpec } from "./output.js";
import { pushImage } from "./push.js";

export interface WriteOptions {
  readonly store: Store;
  readonly tags: readonly Reference[];
  readonly openOrigin: (origin: ImageOrigin) => Promise<ImageStore>;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  readonly report: WorkReporter;
  readonly signal?: AbortSignal;
}

/** @returns the manifest as this output has it */
export async function writeOutput(
  image: AssembledImage,
  output: OutputSpec,
  options: WriteOptions,
): Promise<Descriptor> {
  const { store, report, signal } = options;
  const compression = output.type === "image" || output.type === "docker" ? "none" : "gzip";
  const onCompress = () => report.status("compressing layers");
  const layers = await layerBlobs(store, image.layers, compression, { onCompress, ...(signal && { signal }) });
  const manifest = manifestOf(image, layers);
  const source = new ImageBlobs(store, image.layers, options.openOrigin);
  await writers[output.type]({ image, manifest, layers, source, output, ...options });
  return manifest.descriptor;
}

interface Writing extends WriteOptions {
  readonly image: AssembledImage;
  readonly manifest: ManifestBytes;
  readonly layers: readonly Descriptor[];
  readonly source: ImageBlobs;
  readonly output: OutputSpec;
}

const writers: Record<OutputSpec["type"], (writing: Writing) => Promise<void>> = {
  image: writeToStore,
  registry: writeToRegistries,
  oci: writeOci,
  docker: writeDocker,
};

/** Everything first, then the names. */
async function writeToStore({ store, image, manifest, layers, source, tags, report }: Writing): Promise<void> {
  const missing = layers.filter((layer) => !store.blobs.hasSync(layer));
  await Promise.all(missing.map(async (layer) => store.put(layer, await source.open(layer))));
  await keepConfig(store, image);
  await store.putManifest(manifest.descriptor, manifest.bytes);
  report.status(`writing image ${image.configDescriptor.digest}`);
  for (const tag of tags) {
    await store.names.set(formatReference(tag), manifest.descriptor);
    report.status(`naming to ${formatReference(tag)}`);
  }
}

async function writeToRegistries(writing: Writing): Promise<void> {
  const { store, image, manifest, tags } = writing;
  if (tags.length === 0)
    throw new TsbuildError("usage", "an image that is pushed needs a name", {
      hint: "Add -t REGISTRY/REPOSITORY:TAG.",
    });
  await keepConfig(store, image);
  await store.putManifest(manifest.descriptor, manifest.bytes);
  for (const tag of tags) await pushImage({ ...writing, manifest: manifest.descriptor, tag });
}

async function writeOci({ store, image, manifest, layers, source, output, tags, signal }: Writing): Promise<void> {
  const { dest, tar = true } = output as Extract<OutputSpec, { type: "oci" }>;
  if (tar) {
    const names = tags.map((tag) => ({ tag: tagName(tag), full: formatReference(tag) }));
    return writeArchive(ociArchive(image, manifest, layers, names, source), dest, signal);
  }
  if (typeof dest !== "string")
    throw new TsbuildError("usage", "an image layout cannot be written to a stream", {
      hint: "Name a directory with dest=…, or use tar=true.",
    });
  await keepConfig(store, image);
  await store.putManifest(manifest.descriptor, manifest.bytes);
  const layout = Layout.create(dest);
  for (const tag of tags.length > 0 ? tags.map(tagName) : ["latest"]) {
    await copyImage(manifest.descriptor, source, layout, { tag, ...(signal && { signal }) });
  }
}

async function writeDocker({ image, source, output, tags, signal }: Writing): Promise<void> {
  const { dest } = output as Extract<OutputSpec, { type: "docker" }>;
  await writeArchive(dockerArchive(image, tags.map(formatReference), source), dest, signal);
}

/** The name inside a layout: the tag, as `skopeo copy oci:DIR:TAG` and buildx have it. */
function tagName(reference: Reference): string {
  return reference.tag ?? "latest";
}
