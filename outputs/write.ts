// Copies a finished image, of one platform or of several, to one output.

import { Layout, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { type BlobStore, copyImage, type Descriptor, formatReference, type ImageStore, type Reference } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";
import type { WorkReporter } from "../progress.js";
import { writeArchive } from "./archive.js";
import { keepConfig, manifestOf } from "./assemble.js";
import { dockerArchive } from "./docker-archive.js";
import { ImageBlobs } from "./image-blobs.js";
import { layerBlobs } from "./layer-blobs.js";
import { ociArchive } from "./oci-archive.js";
import type { OutputSpec } from "./output.js";
import { type PlatformImage, withIndex, type WrittenImage, type WrittenPlatform } from "./platforms.js";
import { pushImage } from "./push.js";

export interface WriteOptions {
  readonly store: Store;
  readonly tags: readonly Reference[];
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  readonly report: WorkReporter;
  readonly signal?: AbortSignal;
}

/** @returns the manifest as this output has it; the index, of several platforms */
export async function writeOutput(
  images: readonly PlatformImage[],
  output: OutputSpec,
  options: WriteOptions,
): Promise<Descriptor> {
  const layers = images.flatMap(({ image }) => image.layers);
  const source = new ImageBlobs(options.store, layers, options.openOrigin);
  const written = await writtenImage(images, output, { ...options, source });
  await writers[output.type]({ ...options, ...written, source, output });
  return written.root.descriptor;
}

/** The manifests over the layers in the form that `output` has them. */
async function writtenImage(
  images: readonly PlatformImage[],
  output: OutputSpec,
  { store, source, report, signal }: WriteOptions & { readonly source: ImageBlobs },
): Promise<WrittenImage> {
  const compression = output.type === "image" || output.type === "docker" ? "none" : "gzip";
  const onCompress = () => report.status("compressing layers");
  const written: WrittenPlatform[] = [];
  for (const { platform, image } of images) {
    const layers = await layerBlobs(
      store,
      image.layers,
      { compression, dialect: "oci" },
      { source, onCompress, ...(signal && { signal }) },
    );
    written.push({ platform, image, layers, manifest: manifestOf(image, layers) });
  }
  return withIndex(written);
}

interface Writing extends WriteOptions, WrittenImage {
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
async function writeToStore(writing: Writing): Promise<void> {
  const { store, root, platforms, source, tags, report } = writing;
  const missing = platforms.flatMap(({ layers }) => layers).filter((layer) => !store.blobs.hasSync(layer));
  await Promise.all(missing.map(async (layer) => store.put(layer, await source.open(layer))));
  await keepManifests(writing);
  for (const { image } of platforms) report.status(`writing image ${image.configDescriptor.digest}`);
  for (const tag of tags) {
    await store.names.set(formatReference(tag), root.descriptor);
    report.status(`naming to ${formatReference(tag)}`);
  }
}

/** What the layers are not: the blobs that `copyImage` then finds in the store. */
async function keepManifests({ store, root, platforms }: Writing): Promise<void> {
  for (const { image, manifest } of platforms) {
    await keepConfig(store, image);
    await store.putManifest(manifest.descriptor, manifest.bytes);
  }
  if (platforms.length > 1) await store.putManifest(root.descriptor, root.bytes);
}

async function writeToRegistries(writing: Writing): Promise<void> {
  const { root, tags } = writing;
  if (tags.length === 0)
    throw new TsbuildError("usage", "an image that is pushed needs a name", {
      hint: "Add -t REGISTRY/REPOSITORY:TAG.",
    });
  await keepManifests(writing);
  for (const tag of tags) await pushImage({ ...writing, manifest: root.descriptor, tag });
}

async function writeOci(writing: Writing): Promise<void> {
  const { root, source, output, tags, signal } = writing;
  const { dest, tar = true } = output as Extract<OutputSpec, { type: "oci" }>;
  if (tar) {
    const names = tags.map((tag) => ({ tag: tagName(tag), full: formatReference(tag) }));
    return writeArchive(ociArchive(writing, names, source), dest, signal);
  }
  if (typeof dest !== "string")
    throw new TsbuildError("usage", "an image layout cannot be written to a stream", {
      hint: "Name a directory with dest=…, or use tar=true.",
    });
  await keepManifests(writing);
  const layout = Layout.create(dest);
  for (const tag of tags.length > 0 ? tags.map(tagName) : ["latest"]) {
    await copyImage(root.descriptor, source, layout, { tag, ...(signal && { signal }) });
  }
}

async function writeDocker({ platforms, source, output, tags, signal }: Writing): Promise<void> {
  const { dest } = output as Extract<OutputSpec, { type: "docker" }>;
  const [only, second] = platforms;
  if (second)
    throw new TsbuildError("unsupported", "an archive for docker load holds the image of one platform", {
      hint: "Use type=oci, or build one platform.",
    });
  await writeArchive(dockerArchive(only!.image, tags.map(formatReference), source), dest, signal);
}

/** The name inside a layout: the tag, as `skopeo copy oci:DIR:TAG` and buildx have it. */
function tagName(reference: Reference): string {
  return reference.tag ?? "latest";
}
